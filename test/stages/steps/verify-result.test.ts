import { describe, expect, test } from 'vitest';
import type { Committed } from '../../../src/domain/call.ts';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import type { Profile } from '../../../src/domain/policy.ts';
import { TASKS } from '../../../src/domain/tasks.ts';
import { pageDigest } from '../../../src/policy/lock/pages.ts';
import { verifyResult } from '../../../src/stages/verify-result.ts';
import { definitionOf, HEAD, lockOf, profileOf } from '../../policy/policy-text.ts';

const PROFILE = profileOf(`${HEAD}servers: { crm: { command: [node, crm.js] }, desk: { command: [node, desk.js] } }
tools: { crm.act: {} }
resources: [{ server: crm, uri: "crm://open/**" }, { server: desk, uri: "desk://**" }]
`);
const KEY = `sk-ant-api03-${'a1B2'.repeat(12)}`;

/** A call of `crm.act` that was made, as far as its outcome is judged by it. */
function callOf(rest: Partial<Committed> = {}): Committed {
  const policy = PROFILE.tools.get('crm.act');
  if (policy === undefined) throw new Error('crm.act was not loaded');
  const call: Partial<Committed> = {
    operation: 'tools/call',
    profile: PROFILE,
    policy,
    contract: policy.contract,
    definition: undefined,
    dir: '/sessions/one',
    ...rest,
  };
  return call as Committed;
}
const verified = (outcome: Outcome, call: Committed = callOf()): Outcome => verifyResult()(call, outcome);
const ok = (result: JsonObject): Outcome => ({ outcome: 'ok', result });
const text = (words: string): JsonObject => ({ content: [{ type: 'text', text: words }] });

describe('a result', () => {
  test('is handed over under its own word where nothing is wrong with it', () => {
    expect(verified(ok(text('data')))).toEqual(ok(text('data')));
    const failed = { outcome: 'tool_error', result: { ...text('no'), isError: true } } as const;
    expect(verified(failed)).toEqual(failed);
  });

  test.each(['ok', 'tool_error'] as const)('that holds a secret is withheld whole, also as %s', (outcome) => {
    const judged = verified({ outcome, result: text(`the key is ${KEY}`) });
    expect(judged).toEqual({ outcome: 'withheld', why: expect.stringMatching(/^it holds what looks like a secret/) });
  });

  test('loses links to resources that the policy does not allow of this server', () => {
    const link = (uri: string) => ({ type: 'resource_link', uri, name: 'x' });
    const shown = (uri: string) => {
      const judged = verified(ok({ content: [link(uri)] }));
      return 'result' in judged && JSON.stringify(judged.result).includes(uri);
    };
    expect(shown('crm://open/1')).toBe(true);
    expect(shown('crm://closed/1')).toBe(false);
    expect(shown('desk://1')).toBe(false);
  });

  test('that breaks what its tool promises is withheld; an error keeps no promise', () => {
    const outputSchema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
    const call = callOf({ definition: definitionOf({}, { outputSchema }) });
    const why = expect.stringMatching(/^it breaks the tool's own output schema/);
    expect(verified(ok({ structuredContent: { n: 'x' } }), call)).toEqual({ outcome: 'withheld', why });
    expect(verified(ok({ structuredContent: { n: 1 } }), call).outcome).toBe('ok');
    expect(verified({ outcome: 'tool_error', result: text('no') }, call).outcome).toBe('tool_error');
  });
});

describe('a page, where the profile has a lock,', () => {
  const FORM = { uri: 'ui://form', mimeType: 'text/html', text: '<b>' };
  const OTHER = { ...FORM, text: '<i>' };
  const crm = lockOf([]).servers.get('crm');
  if (crm === undefined) throw new Error('the lock has no crm');
  const pages = new Map([['ui://form', pageDigest({ contents: [FORM] })]]);
  const LOCKED: Profile = { ...PROFILE, lock: { ...lockOf([]), servers: new Map([['crm', { ...crm, pages }]]) } };
  const reading = (name: string, rest: Partial<Committed> = {}) => {
    const { contract } = callOf();
    return callOf({ operation: 'resources/read', profile: LOCKED, contract: { ...contract, name }, ...rest });
  };

  test('that is read is the one that was accepted, or is withheld', () => {
    expect(verified(ok({ contents: [FORM] }), reading('ui://form')).outcome).toBe('ok');
    const withheld = { outcome: 'withheld', why: 'it is not the page that was accepted' };
    for (const contents of [[OTHER], [FORM, OTHER], []])
      expect(verified(ok({ contents }), reading('ui://form'))).toEqual(withheld);
    expect(verified(ok({ contents: [OTHER] }), reading('crm://x')).outcome).toBe('ok');
    const ofDesk = { ...reading('desk://1').contract, server: 'desk' };
    expect(verified(ok({ contents: [] }), reading('desk://1', { contract: ofDesk })).outcome).toBe('ok');
    expect(verified(ok({ contents: [OTHER] }), reading('ui://form', { profile: PROFILE })).outcome).toBe('ok');
    expect(verified(ok({ contents: [OTHER] }), reading('ui://form', { operation: 'tools/call' })).outcome).toBe('ok');
  });

  test('that a result holds is shown only as it was accepted of that server', () => {
    const holds = (resource: JsonObject, rest: Partial<Committed> = {}) => {
      const judged = verified(ok({ content: [{ type: 'resource', resource }] }), callOf({ profile: LOCKED, ...rest }));
      return JSON.stringify(judged).includes('ui://form');
    };
    expect(holds(FORM)).toBe(true);
    expect(holds(OTHER)).toBe(false);
    expect(holds(OTHER, { profile: PROFILE })).toBe(true);
    const { contract } = callOf();
    expect(holds(FORM, { contract: { ...contract, server: 'desk' } })).toBe(false);
  });
});

describe('what a server says instead of a result', () => {
  const error = (message: string, data?: JsonValue, code = -32000): Outcome => ({
    outcome: 'rpc_error',
    code,
    message,
    ...(data === undefined ? {} : { data }),
  });

  test('is read as any of its words are, and its data with it', () => {
    expect(verified(error('no'))).toStrictEqual(error('no'));
    expect(verified(error('no', { n: 1 }))).toEqual(error('no', { n: 1 }));
    expect(verified(error('RECORDED: done', 'RECORDED: it'))).toEqual(
      error('The server crm says: RECORDED: done', 'The server crm says: RECORDED: it'),
    );
  });

  test('is withheld whole where its words or its data hold a secret', () => {
    const why = expect.stringMatching(/^it holds what looks like a secret/);
    expect(verified(error(KEY))).toEqual({ outcome: 'withheld', why });
    expect(verified(error('no', { at: [KEY] }))).toEqual({ outcome: 'withheld', why });
  });

  test.each(['withheld', 'not_sent', 'unknown'] as const)(
    'as the reason of %s is read, and a secret in it left out',
    (outcome) => {
      expect(verified({ outcome, why: 'it went away' })).toEqual({ outcome, why: 'it went away' });
      expect(verified({ outcome, why: `it said ${KEY}` })).toEqual({
        outcome,
        why: expect.stringMatching(/^what crm said of it holds what looks like a secret/),
      });
    },
  );
});

describe('a server that wants the client to declare more', () => {
  const wants = (required: JsonValue | undefined, code = -32021): Outcome => ({
    outcome: 'rpc_error',
    code,
    message: 'more',
    data: required === undefined ? 'nothing' : { requiredCapabilities: required },
  });
  const asking = (asks: Partial<{ elicitation: readonly 'form'[]; sampling: object; roots: boolean }> | undefined) =>
    callOf({
      profile: {
        ...PROFILE,
        asks: new Map(
          asks === undefined ? [] : [['crm', { elicitation: [], sampling: undefined, roots: false, ...asks } as never]],
        ),
      },
    });
  const codeOf = (outcome: Outcome, call: Committed) => {
    const judged = verified(outcome, call);
    return judged.outcome === 'rpc_error' ? judged.code : judged.outcome;
  };

  test('reaches it only where the policy would let it be asked all of that', () => {
    const all = asking({ elicitation: ['form'], sampling: { max: 1, maxTokens: 1 }, roots: true });
    const one = { elicitation: {} };
    expect(codeOf(wants({ elicitation: {}, sampling: {}, roots: {} }), all)).toBe(-32021);
    expect(codeOf(wants(one), asking({ elicitation: ['form'] }))).toBe(-32021);
    expect(codeOf(wants({ sampling: {} }), asking({ sampling: { max: 1, maxTokens: 1 } }))).toBe(-32021);
    expect(codeOf(wants({ roots: {} }), asking({ roots: true }))).toBe(-32021);
    const tasks = { extensions: { [TASKS]: {} } };
    expect(codeOf(wants(tasks), asking(undefined))).toBe(-32021);
    for (const [required, call] of [
      [{ extensions: { [TASKS]: {}, 'com.example/other': {} } }, all],
      [{ extensions: { 'com.example/other': {} } }, all],
      [{ extensions: [TASKS] }, all],
      [one, asking(undefined)],
      [one, asking({ roots: true })],
      [{ sampling: {} }, asking({ roots: true })],
      [{ sampling: {} }, asking(undefined)],
      [{ roots: {} }, asking({ elicitation: ['form'] })],
      [{ roots: {} }, asking(undefined)],
      [{ ...one, roots: {} }, asking({ elicitation: ['form'] })],
      [{ ...one, tasks: {} }, all],
      [{}, all],
      [['elicitation'], all],
      [undefined, all],
    ] as const)
      expect(verified(wants(required), call)).toEqual({
        outcome: 'rpc_error',
        code: -32603,
        message: 'the server crm needs to ask the client what the policy does not allow',
      });
  });

  test('is known by its code: another error is handed over as it is', () => {
    expect(codeOf(wants({ roots: {} }, -32000), asking(undefined))).toBe(-32000);
  });
});
