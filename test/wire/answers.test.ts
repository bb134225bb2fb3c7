import { describe, expect, test } from 'vitest';
import type { Settled } from '../../src/domain/call.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { agentOf } from '../../src/domain/principal.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { saidAsked, saidRefusal, saidSettled } from '../../src/wire/answers.ts';
import type { Dress } from '../../src/wire/dress.ts';
import { callerFault, type Named } from '../../src/wire/refusals.ts';

const server = { name: 'tollgate', version: '1' };
const holdUrl = (hold: string): string => `https://t.example/holds/${hold}`;
const outcomeUrl = (call: string): string => `https://t.example/outcomes/${call}`;
const legacy: Dress = { era: 'legacy', revision: '2025-11-25', server, holdUrl, outcomeUrl };
const modern: Dress = { era: 'modern', revision: '2026-07-28', server, holdUrl, outcomeUrl };
const at = Date.UTC(2026, 10, 22);
const structuredContent = { sent: true };
const content = [{ type: 'text', text: '{"sent":true}' }];

const named = (operation: Named['operation'], target = 'a__b', completes?: Named['completes']): Named => ({
  operation,
  target,
  completes,
});
const TOOL = named('tools/call');
const PROMPT = named('prompts/get');
const RESOURCE = named('resources/read', 'file:///x');

const settled = (outcome: Outcome, recorded?: Settled['recorded']): Settled => ({ id: 'call_1', outcome, recorded });
const ok = (result: JsonObject, recorded?: Settled['recorded']) => settled({ outcome: 'ok', result }, recorded);
const failed = (code: number, data?: JsonObject): Settled =>
  settled({ outcome: 'rpc_error', code, message: 'm', ...(data === undefined ? {} : { data }) });
const messageOf = ({ text }: { readonly text: string }) =>
  JSON.parse(text) as { result: JsonObject; error: JsonObject };

describe('a recorded result', () => {
  const answer = (result: JsonObject, textOnly: boolean) =>
    messageOf(saidSettled(1, TOOL, ok(result, { at, textOnly }), legacy)).result;

  test('says first that the call was not run again', () => {
    const { content: said, _meta } = answer({ content, structuredContent }, false);
    expect(said).toMatchObject([{ text: expect.stringMatching(/^RECORDED: .* was not run again/) }, content[0]]);
    expect(_meta).toEqual({ 'tollgate/call': 'call_1', 'tollgate/recorded': '2026-11-22T00:00:00.000Z' });
  });

  test('keeps its structure where agents were promised one', () => {
    expect(answer({ content, structuredContent }, false)).toHaveProperty('structuredContent', structuredContent);
  });

  test('is text alone where they were not: some clients show a model the structure and leave out the words', () => {
    expect(answer({ content, structuredContent }, true)).not.toHaveProperty('structuredContent');
  });

  test('loses nothing where the server gave its result as structure alone', () => {
    const { content: said } = answer({ content: [], structuredContent }, true);
    expect(said).toMatchObject([{ text: expect.stringContaining('RECORDED') }, { text: '{"sent":true}' }]);
  });

  test('of a prompt or a resource says so beside it, and is otherwise as it was', () => {
    const messages = [{ role: 'user', content: { type: 'text', text: 'hi' } }];
    expect(messageOf(saidSettled(1, PROMPT, ok({ messages }, { at, textOnly: true }), legacy)).result).toEqual({
      messages,
      _meta: { 'tollgate/call': 'call_1', 'tollgate/recorded': '2026-11-22T00:00:00.000Z' },
    });
  });
});

test('a result of this very call is handed over as it is, in the dress of the era, and says by which id it is found again', () => {
  const _meta = { 'tollgate/call': 'call_1' };
  expect(messageOf(saidSettled(1, TOOL, ok({ content }), legacy)).result).toEqual({ content, _meta });
  expect(messageOf(saidSettled(1, TOOL, ok({ content, _meta: { own: 1 } }), legacy)).result['_meta']).toEqual({
    own: 1,
    ..._meta,
  });
  expect(messageOf(saidSettled(1, TOOL, ok({ content }), modern)).result).toMatchObject({
    resultType: 'complete',
    content,
    _meta,
  });
});

describe('an error of the server', () => {
  test.each<readonly [code: number, dress: Dress, told: number, status: number]>([
    [-32602, legacy, -32602, 200],
    [7, legacy, 7, 200],
    [-32020, legacy, -32603, 200],
    [-32099, modern, -32603, 200],
    [-32022, modern, -32603, 200],
    [-32021, legacy, -32603, 200],
    [-32021, modern, -32021, 400],
    [-32042, legacy, -32042, 200],
    [-32042, { ...legacy, revision: '2025-06-18' }, -32603, 200],
    [-32042, modern, -32603, 200],
    [-32002, legacy, -32002, 200],
    [-32002, modern, -32602, 200],
    // Ours: a server that says `held` or `unauthorized` in our words says nothing.
    [401, modern, -32603, 200],
    [403, legacy, -32603, 200],
  ])('%i, toward %j, is %i', (code, dress, told, status) => {
    const answer = saidSettled(1, TOOL, failed(code), dress);
    expect([messageOf(answer).error['code'], answer.status]).toEqual([told, status]);
  });

  test('keeps what its data say where its code means something here, and only there', () => {
    const requiredCapabilities = { sampling: {} };
    const data = (code: number, given: JsonObject, dress: Dress) =>
      messageOf(saidSettled(1, TOOL, failed(code, given), dress)).error['data'];
    expect(data(-32021, { requiredCapabilities }, modern)).toEqual({ requiredCapabilities });
    expect(data(-32042, { elicitations: [] }, legacy)).toEqual({ elicitations: [] });
    expect(data(-32022, { supported: [] }, modern)).toBeUndefined();
    expect(data(7, { why: 'x' }, modern)).toEqual({ why: 'x' });
    expect(data(7, { 'Tollgate/hold': 'h_1' }, modern)).toBeUndefined();
  });
});

describe('no oracle:', () => {
  const refused = (one: Named, dress: Dress) => {
    const refusal = { reason: 'target_unknown', target: one.target } as const;
    return saidRefusal(1, one, refusal, dress);
  };

  test('a tool or prompt that one may not have and one that is not there are answered in the same words', () => {
    for (const operation of ['tools/call', 'prompts/get', 'completion/complete'] as const) {
      const completes = operation === 'completion/complete' ? 'prompt' : undefined;
      const said = (target: string) => refused(named(operation, target, completes), modern).text;
      expect(said('a__b')).toContain('a__b');
      expect(said('a__b').replace('a__b', 'x')).toBe(said('c__d').replace('c__d', 'x'));
    }
  });

  test.each([
    ['modern', modern, -32602],
    ['legacy', legacy, -32002],
  ] as const)(
    'a resource that is forbidden and one that its server does not have: the same words (%s)',
    (_, dress, code) => {
      const forbidden = refused(RESOURCE, dress);
      expect(messageOf(forbidden).error).toEqual({ code, message: 'Resource not found', data: { uri: 'file:///x' } });
      for (const absent of [-32002, -32602])
        expect(saidSettled(1, RESOURCE, failed(absent, { uri: 'file:///x', hint: 'near' }), dress)).toEqual(forbidden);
    },
  );

  test('a state that is not ours and a call that is not open any more: the same words', () => {
    const said = messageOf(saidRefusal(1, TOOL, { reason: 'round_unknown' }, modern)).error;
    expect(said).toEqual({ code: -32602, message: expect.stringContaining('requestState') });
  });
});

describe('a refusal of what has no way to say no', () => {
  const held: Refusal = { reason: 'held', hold: { id: 'h_1', target: 'crm.send', principal: agentOf('ada') } as Hold };

  test('is an error with our own code, the sentence, and marks for programs', () => {
    for (const one of [PROMPT, RESOURCE, named('completion/complete'), named('resources/subscribe')])
      expect(messageOf(saidRefusal(1, one, held, modern)).error).toEqual({
        code: 403,
        message: expect.stringMatching(/^HELD, NOT DONE\./),
        data: { 'tollgate/refused': 'held', 'tollgate/hold': 'h_1', 'tollgate/url': 'https://t.example/holds/h_1' },
      });
  });

  test('names what is wrong with the arguments', () => {
    const refusal: Refusal = { reason: 'invalid_arguments', problems: ['`a` is missing', '`b` is no argument'] };
    expect(messageOf(saidRefusal(1, PROMPT, refusal, legacy)).error).toEqual({
      code: -32602,
      message: 'Invalid params: `a` is missing; `b` is no argument',
    });
  });

  test('and an outcome that is not known, are never taken for a result', () => {
    const outcome = { outcome: 'unknown', why: 'no answer came' } as const;
    expect(messageOf(saidSettled(1, RESOURCE, settled(outcome), modern)).error).toEqual({
      code: -32603,
      message: expect.stringMatching(/^UNKNOWN: no answer came\./),
      data: { 'tollgate/call': 'call_1', 'tollgate/outcome': 'unknown' },
    });
  });

  test('a tool says it itself', () => {
    expect(messageOf(saidRefusal(1, TOOL, held, modern)).result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^HELD/) }],
      _meta: { 'tollgate/hold': 'h_1' },
    });
  });
});

test('headers that lie about the body are refused as such', () => {
  const refusal: Refusal = { reason: 'header_mismatch', why: 'mcp-param-region must equal the argument region' };
  const answer = saidRefusal(1, TOOL, refusal, modern);
  expect([answer.status, messageOf(answer).error]).toEqual([
    400,
    { code: -32020, message: 'Header mismatch: mcp-param-region must equal the argument region' },
  ]);
});

test('a call that waits for its client asks by key, without caching hints', () => {
  const elicit = { method: 'elicitation/create', params: { message: 'who?' } } as const;
  const asked = {
    id: 'call_1',
    round: 1,
    session: 's_1',
    digest: 'sha256:0',
    questions: { user: { ...elicit, key: 'user' } },
  };
  expect(messageOf(saidAsked(1, asked, 'STATE', modern)).result).toEqual({
    resultType: 'input_required',
    inputRequests: { user: elicit },
    requestState: 'STATE',
    _meta: { 'io.modelcontextprotocol/serverInfo': server },
  });
  expect(messageOf(saidAsked(1, { ...asked, questions: {} }, 'STATE', modern)).result).not.toHaveProperty(
    'inputRequests',
  );
});

test.each([
  [{ reason: 'unauthenticated' } as const, 401],
  [{ reason: 'session_unknown' } as const, 404],
  [{ reason: 'profile_unclear', profiles: ['a', 'b'] } as const, 409],
])('our own error codes lie outside those that JSON-RPC reserves: %j', (refusal, code) => {
  expect(callerFault(1, refusal)).toMatchObject({ code, status: code });
});
