import { describe, expect, test } from 'vitest';
import type { Abilities, Asks } from '../../src/domain/abilities.ts';
import type { Question } from '../../src/domain/exchange.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { countOf, fitsQuestion, judgeQuestion } from '../../src/policy/judge/question.ts';

const ALL: Abilities = { elicitation: ['form', 'url'], sampling: { tools: true }, roots: true, ui: undefined };
const ASKS: Asks = { elicitation: ['form', 'url'], sampling: { max: 3, maxTokens: 100 }, roots: true };
const question = (method: Question['method'], params: JsonObject = {}): Question => ({ method, params, key: 'k' });
const judged = (one: Question, abilities = ALL, asks = ASKS) => judgeQuestion(one, 'crm', { abilities, asks });
const isPut = (method: Question['method'], params: JsonObject, abilities = ALL, asks = ASKS) =>
  judged(question(method, params), abilities, asks).ok;

describe('an elicitation', () => {
  const form = { message: 'Name?', requestedSchema: { type: 'object' } };
  const page = { mode: 'url', message: 'Open it', url: 'https://example.com/a' };

  test('whose message is exactly as long as it may be is put, and one that has none is not', () => {
    expect(isPut('elicitation/create', { ...form, message: 'x'.repeat(8 * 1024) })).toBe(true);
    expect(judged(question('elicitation/create', { ...form, message: 'x'.repeat(8 * 1024 + 1) }))).toEqual({
      ok: false,
      error: 'the message is missing or too long',
    });
    for (const message of [undefined, 5, null]) expect(isPut('elicitation/create', { ...form, message })).toBe(false);
  });

  test('is a form where it does not say, and keeps what it asks for; a page keeps its address only', () => {
    expect(judged(question('elicitation/create', { ...form, more: 1 }))).toMatchObject({
      ok: true,
      value: { key: 'k', params: { ...form, message: 'crm asks: Name?', more: 1 } },
    });
    expect(judged(question('elicitation/create', { ...page, more: 1, requestedSchema: {} }))).toEqual({
      ok: true,
      value: {
        ...question('elicitation/create'),
        params: { ...page, message: 'crm asks: Open it', _meta: { 'tollgate/server': 'crm' } },
      },
    });
  });

  test.each(['x', [], null, 5])('with %j for a schema is none', (requestedSchema) => {
    expect(isPut('elicitation/create', { ...form, requestedSchema })).toBe(false);
  });

  test('opens web pages only, without a name or a password in their address', () => {
    const opens = (url: JsonObject[string] | undefined) => isPut('elicitation/create', { ...page, url });
    expect(['https://example.com/a', 'http://example.com'].map(opens)).toEqual([true, true]);
    for (const url of [
      undefined,
      5,
      '',
      'example.com',
      'ftp://example.com',
      'xhttp://example.com',
      'httpsx://example.com',
    ])
      expect(opens(url), String(url)).toBe(false);
    for (const url of ['https://a@example.com', 'https://:b@example.com', 'https://a:b@example.com'])
      expect(opens(url), url).toBe(false);
  });

  test('in a mode that the client has not is not put', () => {
    expect(isPut('elicitation/create', form, { ...ALL, elicitation: ['url'] })).toBe(false);
    expect(isPut('elicitation/create', page, { ...ALL, elicitation: ['form'] })).toBe(false);
  });
});

describe('sampling', () => {
  const sample = { messages: [], maxTokens: 100 };

  test.each([0, -1, 1.5, 101, '5', null, 2 ** 53])('of %j tokens is not put', (maxTokens) => {
    expect(isPut('sampling/createMessage', { ...sample, maxTokens })).toBe(false);
  });

  test.each([1, 100])('of %j tokens is', (maxTokens) => {
    expect(isPut('sampling/createMessage', { ...sample, maxTokens })).toBe(true);
  });

  test('is put where both the client can and the policy allows, and keeps what it asks for', () => {
    expect(isPut('sampling/createMessage', sample, { ...ALL, sampling: undefined })).toBe(false);
    expect(isPut('sampling/createMessage', sample, ALL, { ...ASKS, sampling: undefined })).toBe(false);
    expect(isPut('sampling/createMessage', { ...sample, messages: {} })).toBe(false);
    expect(judged(question('sampling/createMessage', { ...sample, systemPrompt: 'Hi' }))).toMatchObject({
      value: { params: { ...sample, systemPrompt: 'Hi' } },
    });
  });

  test('may speak of resources: whether they may be read is judged when they are', () => {
    const link = { type: 'resource_link', uri: 'file:///a', name: 'a' };
    expect(isPut('sampling/createMessage', { ...sample, messages: [{ role: 'user', content: link }] })).toBe(true);
  });

  test('with tools is put to clients that sample with tools', () => {
    const without = { ...ALL, sampling: { tools: false } };
    for (const more of [{ tools: [] }, { toolChoice: {} }]) {
      expect(isPut('sampling/createMessage', { ...sample, ...more }, without)).toBe(false);
      expect(isPut('sampling/createMessage', { ...sample, ...more })).toBe(true);
    }
    expect(isPut('sampling/createMessage', sample, without)).toBe(true);
  });
});

test('roots are asked for with nothing else, of clients that have some', () => {
  expect(judged(question('roots/list', { more: 1 }))).toEqual({
    ok: true,
    value: { ...question('roots/list'), params: { _meta: { 'tollgate/server': 'crm' } } },
  });
  expect(isPut('roots/list', {}, { ...ALL, roots: false })).toBe(false);
});

test('a question that is exactly as large as it may be is put, and one character more is not', () => {
  const room = 256 * 1024 - JSON.stringify({ padding: '' }).length;
  expect(isPut('roots/list', { padding: 'x'.repeat(room) })).toBe(true);
  expect(isPut('roots/list', { padding: 'x'.repeat(room + 1) })).toBe(false);
});

test('questions are counted by server and kind', () => {
  expect(countOf('crm', question('sampling/createMessage'))).toBe('asked.crm.sampling');
  expect(countOf('crm', question('elicitation/create'))).toBe('asked.crm.elicitation');
});

test('an answer fits where all of it is as its question wants it', () => {
  const fits = (method: Question['method'], result: JsonObject) => fitsQuestion(question(method), { ok: true, result });
  expect(fitsQuestion(question('roots/list'), { ok: false, code: -1, message: 'no' })).toBe(true);
  for (const action of ['accept', 'decline', 'cancel']) expect(fits('elicitation/create', { action })).toBe(true);
  for (const result of [{}, { action: '' }, { action: 'accept', content: [] }, { action: 'accept', content: null }])
    expect(fits('elicitation/create', result), JSON.stringify(result)).toBe(false);
  const sampled = { role: 'assistant', model: 'm', content: [] };
  expect(fits('sampling/createMessage', sampled)).toBe(true);
  for (const odd of [{ role: 5 }, { model: undefined }, { content: null }, { content: 'x' }, { content: undefined }])
    expect(fits('sampling/createMessage', { ...sampled, ...odd }), JSON.stringify(odd)).toBe(false);
  expect(fits('roots/list', { roots: [] })).toBe(true);
  for (const roots of [undefined, {}, [null], [{}], [{ uri: 5 }], [{ uri: 'file:///a' }, {}]])
    expect(fits('roots/list', { roots }), JSON.stringify(roots)).toBe(false);
});
