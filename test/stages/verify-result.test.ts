import { describe, expect, test } from 'vitest';
import type { Committed } from '../../src/domain/call.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { verifyResult } from '../../src/stages/verify-result.ts';
import { lineTo, presented, receivedOf } from '../support/path.ts';
import { holdingPath } from './holding-path.ts';

const content = [{ type: 'text', text: 'data' }];

describe('a result', () => {
  test("loses what would speak in our name or the protocol's, and keeps the rest", async () => {
    const path = await holdingPath();
    const _meta = {
      'tollgate/recorded': '2026-01-01',
      'Tollgate/hold': 'h_7Q',
      tollgate: {},
      pending_approval: true,
      'io.modelcontextprotocol/serverInfo': { name: 'tollgate' },
      'example.com/own': 'kept',
    };
    const { outcome } = await path.call('rough__rough', { do: 'raw', result: { content, _meta, extra: 1 } });
    expect(outcome?.['result']).toEqual({ content, _meta: { 'example.com/own': 'kept' }, extra: 1 });
    const bare = await path.call('rough__rough', { do: 'raw', result: { content, _meta: { tollgate: 1 } } });
    expect(bare.outcome?.['result']).toEqual({ content });
  });

  test('that wants the client to declare more reaches it only where the policy would let it be asked', async () => {
    const path = await holdingPath();
    let committed: Committed | undefined;
    const begin: typeof path.stages.begin = (call, run) => {
      committed = call;
      return path.stages.begin(call, run);
    };
    await presented({ ...path.stages, begin }, receivedOf('rough__rough', { do: 'echo' }, Date.now()));
    if (committed === undefined) throw new Error('nothing was committed');
    const { profile } = committed;
    const asks = new Map([['rough', { elicitation: [], sampling: { max: 1, maxTokens: 1 }, roots: false }]]);
    const allowing = { ...committed, profile: { ...profile, asks } };
    const wants = (requiredCapabilities: JsonObject) =>
      ({ outcome: 'rpc_error', code: -32021, message: 'more', data: { requiredCapabilities } }) as const;
    const codes = [wants({ sampling: {} }), wants({ roots: {} }), wants({ sampling: {}, elicitation: {} }), wants({})];
    const judged = (call: Committed) => codes.map((outcome) => verifyResult()(call, outcome));
    expect(judged(allowing).map((one) => 'code' in one && one.code)).toEqual([-32021, -32603, -32603, -32603]);
    expect(judged(committed).map((one) => 'code' in one && one.code)).toEqual([-32603, -32603, -32603, -32603]);
    expect(JSON.stringify(judged(committed))).not.toContain('requiredCapabilities');
  });

  test("that breaks the tool's own output schema is withheld, and what it held is not told", async () => {
    const committed = await committedCall();
    const outputSchema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
    const { definition } = committed;
    if (definition === undefined) throw new Error('the tool has no definition');
    const call = { ...committed, definition: { ...definition, outputSchema, pin: 'sha256:promising' } };
    const judged = (result: JsonObject, outcome: 'ok' | 'tool_error' = 'ok') =>
      verifyResult()(call, { outcome, result });
    const broken = judged({ content, structuredContent: { n: 'a canary' } });
    expect(broken).toMatchObject({ outcome: 'withheld', why: expect.stringContaining('output schema') });
    expect(JSON.stringify(broken)).not.toContain('canary');
    expect(judged({ content })).toMatchObject({ outcome: 'withheld' });
    expect(judged({ content, structuredContent: { n: 1 } })).toMatchObject({ outcome: 'ok' });
    // An error keeps no promise about a result.
    expect(judged({ content, isError: true }, 'tool_error')).toMatchObject({ outcome: 'tool_error' });
  });
});

/** A call of `rough__rough`, as far as the outcome that is verified. */
async function committedCall(): Promise<Committed> {
  const path = await holdingPath();
  const seen: Committed[] = [];
  const verify: typeof path.stages.verifyResult = (call, outcome) => {
    seen.push(call);
    return path.stages.verifyResult(call, outcome);
  };
  await presented({ ...path.stages, verifyResult: verify }, receivedOf('rough__rough', { do: 'echo' }, Date.now()));
  const [committed] = seen;
  if (committed === undefined) throw new Error('nothing was committed');
  return committed;
}

test('a result keeps what the policy promises of it; an error has nothing to keep', async () => {
  const committed = await committedCall();
  const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
  const call = { ...committed, policy: { ...committed.policy, output: { schema, from: 'json_text' as const } } };
  const judged = (text: string, outcome: 'ok' | 'tool_error' = 'ok') =>
    verifyResult()(call, { outcome, result: { content: [{ type: 'text', text }] } });
  expect(judged('{"n":1}')).toMatchObject({ outcome: 'ok' });
  const why = 'it breaks the output schema of the policy (1 problem)';
  expect(judged('{"n":"a canary"}')).toEqual({ outcome: 'withheld', why });
  expect(judged('no such thing', 'tool_error')).toMatchObject({ outcome: 'tool_error' });
});

test('a link is followed only to a resource that the policy allows of this very server', async () => {
  const committed = await committedCall();
  const linked = (uri: string, call = committed) => {
    const outcome = verifyResult()(call, { outcome: 'ok', result: { content: [{ type: 'resource_link', uri }] } });
    return 'result' in outcome && JSON.stringify(outcome.result).includes(uri);
  };
  const elsewhere = { ...committed, contract: { ...committed.contract, server: 'other' } };
  expect([linked('rough://one'), linked('rough://one/two'), linked('rough://one', elsewhere)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('the last words of a server are shown as what they are, and a secret in them is not', async () => {
  const committed = await committedCall();
  const why = (words: string) => verifyResult()(committed, { outcome: 'unknown', why: words });
  expect(why('it said: \u001b[31mout of paper')).toEqual({
    outcome: 'unknown',
    why: 'it said: ⟨U+001B⟩[31mout of paper',
  });
  expect(why('it said: ghp_q7Rk2LmZ9xWv4TbN8cYs1HdJ6fGp3QaUe5Xi')).toEqual({
    outcome: 'unknown',
    why: 'what rough said of it holds what looks like a secret (a GitHub token)',
  });
});

test('what a server says of its progress cannot move a cursor, hide, or go on for ever', async () => {
  const path = await holdingPath();
  const messages: (string | undefined)[] = [];
  const stages = {
    ...path.stages,
    exchange: (call: Committed) => {
      const connection = {
        ...call.connection,
        call: (exchange: Parameters<typeof call.connection.call>[0]) => {
          for (const message of ['\u001b[2Jhi\u202e\u200b', 'x'.repeat(5000)])
            exchange.line.progress({ progress: 1, total: undefined, message });
          return call.connection.call(exchange);
        },
      };
      return path.stages.exchange({ ...call, connection }, async () => ({ ok: false, code: 0, message: '' }));
    },
  };
  const line = lineTo(new AbortController().signal, { progress: ({ message }) => void messages.push(message) });
  await presented(stages, { ...receivedOf('rough__rough', { do: 'echo' }, Date.now()), line });
  expect(messages).toEqual(['⟨U+001B⟩[2Jhi⟨U+202E⟩⟨U+200B⟩', 'x'.repeat(500)]);
});
