import { describe, expect, test } from 'vitest';
import { type Abilities, type Asks, askable, NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Question } from '../../src/domain/exchange.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { fitsQuestion, judgeQuestion } from '../../src/policy/judge/question.ts';

/** Looks like a token, and opens nothing. */
const secretOf = (prefix: string): string => `${prefix}q7Rk2LmZ9xWv4TbN8cYs1HdJ6fGp3QaUe5Xi`;

const ALL: Abilities = { elicitation: ['form', 'url'], sampling: { tools: true }, roots: true, ui: undefined };
const ASKS: Asks = { elicitation: ['form', 'url'], sampling: { max: 3, maxTokens: 100 }, roots: true };

const question = (method: Question['method'], params: JsonObject = {}): Question => ({ method, params, key: 'k' });
const FORM = question('elicitation/create', { message: 'Name?', requestedSchema: { type: 'object' } });
const PAGE = question('elicitation/create', { mode: 'url', message: 'Open it', url: 'https://example.com/a' });
const SAMPLE = question('sampling/createMessage', { messages: [], maxTokens: 100 });
const TOOLS = question('sampling/createMessage', { ...SAMPLE.params, tools: [] });
const CHOICE = question('sampling/createMessage', { ...SAMPLE.params, toolChoice: { mode: 'auto' } });
const ROOTS = question('roots/list');
const EVERY = { FORM, PAGE, SAMPLE, TOOLS, CHOICE, ROOTS };

const judged = (one: Question, client: Abilities = ALL, asks: Asks = ASKS) =>
  judgeQuestion(one, 'crm', { abilities: askable(client, asks), asks });

describe('a question is put only where the client declared it and the policy allows it', () => {
  test.each<[string, Abilities, readonly string[]]>([
    ['all', ALL, Object.keys(EVERY)],
    ['nothing', NO_ABILITIES, []],
    ['forms', { ...NO_ABILITIES, elicitation: ['form'] }, ['FORM']],
    ['pages', { ...NO_ABILITIES, elicitation: ['url'] }, ['PAGE']],
    ['a model without tools', { ...NO_ABILITIES, sampling: { tools: false } }, ['SAMPLE']],
    ['roots', { ...NO_ABILITIES, roots: true }, ['ROOTS']],
  ])('of a client that declares %s', (_what, client, may) => {
    const put = Object.entries(EVERY).filter(([, one]) => judged(one, client).ok);
    expect(put.map(([name]) => name)).toEqual(may);
  });

  test.each<[string, Asks, readonly string[]]>([
    ['nothing', { elicitation: [], sampling: undefined, roots: false }, []],
    ['forms', { elicitation: ['form'], sampling: undefined, roots: false }, ['FORM']],
    [
      'sampling',
      { elicitation: [], sampling: { max: 1, maxTokens: 100 }, roots: false },
      ['SAMPLE', 'TOOLS', 'CHOICE'],
    ],
    ['roots', { elicitation: [], sampling: undefined, roots: true }, ['ROOTS']],
  ])('under a policy that allows %s', (_what, asks, may) => {
    const put = Object.entries(EVERY).filter(([, one]) => judged(one, ALL, asks).ok);
    expect(put.map(([name]) => name)).toEqual(may);
  });
});

test('a question names its server, and loses what would speak in our name or hand over what others said', () => {
  const asked = { ...SAMPLE.params, includeContext: 'allServers', _meta: { 'tollgate/server': 'bank' } };
  const params = (one: Question) => {
    const put = judged(one);
    return put.ok ? put.value.params : put.error;
  };
  expect(params(question('sampling/createMessage', asked))).toEqual({
    ...SAMPLE.params,
    _meta: { 'tollgate/server': 'crm' },
  });
  expect(params(FORM)).toMatchObject({ message: 'crm asks: Name?', _meta: { 'tollgate/server': 'crm' } });
  expect(params(question('elicitation/create', { ...FORM.params, message: 'a\u001b[2J\u202eb' }))).toMatchObject({
    message: 'crm asks: a⟨U+001B⟩[2J⟨U+202E⟩b',
  });
});

test.each<[string, Question]>([
  ['a page that is no web page', question('elicitation/create', { ...PAGE.params, url: 'javascript:alert(1)' })],
  ['a page with credentials in it', question('elicitation/create', { ...PAGE.params, url: 'https://a:b@example.com' })],
  [
    'a page whose address hides a letter',
    question('elicitation/create', { ...PAGE.params, url: 'https://exa\u200bmple.com' }),
  ],
  [
    'a message with a secret in it',
    question('elicitation/create', { ...FORM.params, message: `Send ${secretOf('ghp_')}` }),
  ],
  [
    'a conversation with a secret in it',
    question('sampling/createMessage', {
      ...SAMPLE.params,
      messages: [{ role: 'user', content: { type: 'text', text: secretOf('ghp_') } }],
    }),
  ],
  ['a mode that is none', question('elicitation/create', { ...FORM.params, mode: 'telepathy' })],
  ['a form without a schema', question('elicitation/create', { message: 'Name?' })],
  ['a message without end', question('elicitation/create', { ...FORM.params, message: 'x'.repeat(8 * 1024 + 1) })],
  ['one token more than allowed', question('sampling/createMessage', { messages: [], maxTokens: 101 })],
  ['no bound on tokens', question('sampling/createMessage', { messages: [] })],
  ['no messages', question('sampling/createMessage', { maxTokens: 1 })],
  ['a question that nobody can read', question('roots/list', { padding: 'x'.repeat(256 * 1024) })],
])('%s is not put', (_danger, one) => {
  expect(judged(one)).toEqual({ ok: false, error: expect.any(String) });
});

test('an answer that is none of its question is not handed on', () => {
  const fits = (one: Question, result: JsonObject) => fitsQuestion(one, { ok: true, result });
  expect(fits(FORM, { action: 'accept', content: { name: 'Ada' } })).toBe(true);
  expect(fits(FORM, { action: 'agree' })).toBe(false);
  expect(fits(FORM, { action: 'accept', content: 'Ada' })).toBe(false);
  expect(fits(SAMPLE, { role: 'assistant', model: 'm', content: { type: 'text', text: 'hi' } })).toBe(true);
  expect(fits(SAMPLE, { role: 'assistant', content: {} })).toBe(false);
  expect(fits(ROOTS, { roots: [{ uri: 'file:///a' }] })).toBe(true);
  expect(fits(ROOTS, { roots: ['file:///a'] })).toBe(false);
});
