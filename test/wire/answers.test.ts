import { describe, expect, test } from 'vitest';
import type { Settled } from '../../src/domain/call.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { faultOf, refusalText, settledText } from '../../src/wire/answers.ts';

const legacy = { era: 'legacy', server: { name: 'tollgate', version: '1' } } as const;
const modern = { ...legacy, era: 'modern' } as const;
const at = Date.UTC(2026, 10, 22);
const structuredContent = { sent: true };
const content = [{ type: 'text', text: '{"sent":true}' }];

const settled = (result: JsonObject, recorded?: Settled['recorded']): Settled => ({
  id: 'call_1',
  outcome: { outcome: 'ok', result },
  recorded,
});
const resultOf = (text: string) => (JSON.parse(text) as { result: JsonObject }).result;

describe('a recorded result', () => {
  const answer = (result: JsonObject, textOnly: boolean) =>
    resultOf(settledText(1, settled(result, { at, textOnly }), legacy));

  test('says first that the call was not run again', () => {
    const { content: said, _meta } = answer({ content, structuredContent }, false);
    expect(said).toMatchObject([{ text: expect.stringMatching(/^RECORDED: .* was not run again/) }, content[0]]);
    expect(_meta).toEqual({ 'tollgate/recorded': '2026-11-22T00:00:00.000Z' });
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
});

test('a result of this very call is handed over as it is, in the dress of the era', () => {
  expect(resultOf(settledText(1, settled({ content }), legacy))).toEqual({ content });
  expect(resultOf(settledText(1, settled({ content }), modern))).toMatchObject({ resultType: 'complete', content });
});

test.each([
  [-32020, -32603],
  [-32099, -32603],
  [-32602, -32602],
  [7, 7],
])('an error of the next hop, %i, is %i on this one', (code, told) => {
  const text = settledText(1, { ...settled({}), outcome: { outcome: 'rpc_error', code, message: 'm' } }, legacy);
  expect(JSON.parse(text)).toMatchObject({ error: { code: told } });
});

test('a tool that one may not have and one that is not there are answered in the same words', () => {
  const said = (target: string) => refusalText(1, target, { reason: 'target_unknown', target }, modern);
  expect(said('a__b').replace('a__b', 'x')).toBe(said('c__d').replace('c__d', 'x'));
});

test.each([
  [{ reason: 'unauthenticated' } as const, 401],
  [{ reason: 'session_unknown' } as const, 404],
  [{ reason: 'profile_unclear', profiles: ['a', 'b'] } as const, 409],
])('our own error codes lie outside those that JSON-RPC reserves: %j', (refusal, code) => {
  expect(faultOf(1, '', refusal)).toMatchObject({ code, status: code });
});
