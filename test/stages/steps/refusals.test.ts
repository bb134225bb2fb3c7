import { describe, expect, test } from 'vitest';
import type { Committed, Resolved } from '../../../src/domain/call.ts';
import type { Hold } from '../../../src/domain/hold.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Refusal } from '../../../src/domain/refusal.ts';
import type { Stop } from '../../../src/domain/stop.ts';
import { flowsMet } from '../../../src/stages/flows-met.ts';
import { recordRefusal } from '../../../src/stages/record-refusal.ts';
import { unmetRefusal } from '../../../src/stages/unmet-refusal.ts';
import { AT, desks } from './desk.ts';

const desk = desks();

describe('the flows that answers to servers meet', () => {
  const met = async (mode: string, effect: string, labels: readonly string[] | undefined) => {
    const one = await desk(
      `{ effect: ${effect}, labels: [private], sends_to: external }`,
      `flows:\n  - { id: stop, when: { labels: [private], sends_to: external }, then: hold }\n  - { id: other, when: { labels: [private], sends_to: internal }, then: deny }\n${mode}`,
    );
    return flowsMet((await one.resolved()) as Committed, labels);
  };

  test('stop what they would hold or deny; labels that are not known meet all', async () => {
    expect(await met('', 'write', ['private'])).toEqual({ stop: ['flows.stop', 'flows.other'], marks: {} });
    expect(await met('', 'write', [])).toEqual({ stop: [], marks: {} });
    expect(await met('', 'write', undefined)).toEqual({ stop: ['flows.stop', 'flows.other'], marks: {} });
  });

  test('are only marked where the profile observes, and not on calls that cannot be undone', async () => {
    expect(await met('mode: observe\n', 'write', ['private'])).toEqual({
      stop: [],
      marks: {
        observed: [
          { rule: 'flows.stop', would: 'hold' },
          { rule: 'flows.other', would: 'deny' },
        ],
      },
    });
    expect((await met('mode: observe\n', 'irreversible', ['private'])).stop).toEqual(['flows.stop', 'flows.other']);
  });
});

describe('a refusal’s own entry', () => {
  test('lies in its session with what was refused, or in the gateway’s chain where it reached none', async () => {
    const one = await desk('{ effect: write }');
    const record = recordRefusal(one.ledger, () => AT);
    const call = await one.resolved({ x: 1 }, { target: 'x'.repeat(200) });
    await record({ call, refusal: { reason: 'denied', rules: ['r'], why: 'no', remedy: undefined } });
    const [entry] = (await one.ledger.journal(call.session.id)).filter(({ kind }) => kind === 'refused');
    expect(entry).toMatchObject({
      call: call.id,
      body: { reason: 'denied', rules: ['r'], why: 'no', target: 'x'.repeat(128), digest: call.digest },
    });
    const { session: _, profile: __, ...outside } = call;
    await record({ call: outside as Resolved, refusal: { reason: 'session_unknown' } });
    const chain = await one.ledger.journal('gateway');
    expect(chain.filter(({ kind }) => kind === 'refused').map(({ body }) => body['reason'])).toEqual([
      'session_unknown',
    ]);
  });

  test('keeps what would have been sent, up to 64 KiB', async () => {
    const one = await desk('{ effect: write }');
    const keptOf = async (bytes: number) => {
      const text = 'a'.repeat(bytes - JSON.stringify({ text: '' }).length);
      const call = await one.resolved({ text });
      await recordRefusal(one.ledger, () => AT)({ call, refusal: { reason: 'session_over' } });
      return (await one.ledger.content(call.id, 'arguments'))?.length;
    };
    expect(await keptOf(64 * 1024)).toBe(64 * 1024);
    expect(await keptOf(64 * 1024 + 1)).toBeUndefined();
  });

  test('of a call that was not understood keeps no arguments', async () => {
    const one = await desk('{ effect: write }');
    const { canonical: _, ...early } = await one.resolved({ x: 1 });
    await recordRefusal(one.ledger, () => AT)({ call: early, refusal: { reason: 'target_unknown', target: 'x' } });
    expect(await one.ledger.content(early.id, 'arguments')).toBeUndefined();
  });

  test.each<[Refusal, JsonObject]>([
    [
      { reason: 'held', hold: { id: 'h_1' } as Hold },
      { reason: 'held', hold: 'h_1' },
    ],
    [
      { reason: 'over_budget', overdrawn: { kind: 'calls', used: 1, cap: 1 }, currency: 'USD' },
      { reason: 'over_budget', kind: 'calls', used: 1, cap: 1 },
    ],
    [
      { reason: 'over_quota', quota: 'principal' },
      { reason: 'over_quota', quota: 'principal' },
    ],
    [
      { reason: 'stopped', stop: { id: 'stop_1', why: 'secret words' } as Stop },
      { reason: 'stopped', stop: 'stop_1' },
    ],
    [
      { reason: 'repeated', call: 'call_1', textOnly: true },
      { reason: 'repeated', of: 'call_1' },
    ],
    [
      { reason: 'server_unavailable', server: 'crm', why: 'secret words' },
      { reason: 'server_unavailable', server: 'crm' },
    ],
    [
      { reason: 'insufficient_scope', scopes: ['crm:act'] },
      { reason: 'insufficient_scope', scopes: ['crm:act'] },
    ],
    [
      { reason: 'no_credential', server: 'crm', why: 'none was given' },
      { reason: 'no_credential', server: 'crm', why: 'none was given' },
    ],
    [{ reason: 'invalid_arguments', problems: ['x'] }, { reason: 'invalid_arguments' }],
  ])('rests on what it names: %j', async (refusal, evidence) => {
    const one = await desk('{ effect: write }');
    const call = await one.resolved();
    await recordRefusal(one.ledger, () => AT)({ call, refusal });
    const [entry] = (await one.ledger.journal(call.session.id)).filter(({ kind }) => kind === 'refused');
    const { operation, target, digest, client, trace, ...rest } = entry?.body ?? {};
    expect(rest).toEqual(evidence);
    expect([operation, target, client]).toEqual(['tools/call', 'crm__act', 'test 1']);
  });
});

describe('a refusal counts', () => {
  const OVER: Refusal = { reason: 'over_budget', overdrawn: { kind: 'calls', used: 1, cap: 1 }, currency: 'USD' };
  const counted = async (budgets: string, ...refusals: readonly Refusal[]) => {
    const one = await desk('{ effect: write }', budgets);
    const call = await one.resolved();
    for (const refusal of refusals) await recordRefusal(one.ledger, () => AT)({ call, refusal });
    return (await one.ledger.look(call.session.id, AT))?.used['refusals'] ?? 0;
  };
  const DENIED: Refusal = { reason: 'denied', rules: [], why: 'no', remedy: undefined };

  test('as one of the loop that it may be, up to what the policy lets a session be refused; a reply that waits is none', async () => {
    expect(await counted('', DENIED, OVER)).toBe(2);
    expect(await counted('budgets: { session: { refusals: 1 } }\n', DENIED, DENIED)).toBe(1);
    const held: Refusal = { reason: 'held', hold: { id: 'h_1' } as Hold };
    expect(await counted('', held, { reason: 'repeated', call: 'call_1', textOnly: true })).toBe(0);
  });

  test('with the call that it is part of, where it is of what is read for a person', async () => {
    const one = await desk('{ effect: read }');
    const call = await one.resolved({}, { shownFor: 'call_waiting' });
    await recordRefusal(one.ledger, () => AT)({ call, refusal: DENIED });
    expect((await one.ledger.look(call.session.id, AT))?.used['refusals'] ?? 0).toBe(0);
    const [entry] = (await one.ledger.journal(call.session.id)).filter(({ kind }) => kind === 'refused');
    expect(entry?.body).toMatchObject({ shown_for: 'call_waiting', reason: 'denied' });
  });

  const stateAfter = async (refusal: Refusal, then = 'pause') => {
    const one = await desk('{ effect: write }', `budgets: { session: { calls: 1 }, when_reached: ${then} }\n`);
    const call = await one.resolved();
    await recordRefusal(one.ledger, () => AT)({ call, refusal });
    const entries = await one.ledger.journal(call.session.id);
    const state = (await one.ledger.look(call.session.id, AT))?.session.state;
    return { state, entry: entries.find(({ kind }) => kind !== 'opened' && kind !== 'refused') };
  };

  test('for all calls where the policy pauses at a budget of the session, and says for whom and why', async () => {
    const { state, entry } = await stateAfter(OVER);
    expect(state).toBe('paused');
    expect(entry?.body).toMatchObject({
      by: 'tollgate',
      why: 'not enough is left of the 1 calls that it may use',
    });
  });

  test.each<[string, Refusal, string]>([
    ['the policy says otherwise', OVER, 'deny'],
    ['a person may extend it', OVER, 'extend'],
    ['it is no budget', DENIED, 'pause'],
    [
      'it is a budget of all sessions of the principal',
      {
        reason: 'over_budget',
        overdrawn: { kind: 'calls', used: 1, cap: 1, window: { within: 1, endsAt: 2 } },
        currency: 'USD',
      },
      'pause',
    ],
  ])('for this one call where %s', async (_, refusal, then) => {
    expect(await stateAfter(refusal, then)).toEqual({ state: 'running', entry: undefined });
  });

  test('for no session where it reached none', async () => {
    const one = await desk('{ effect: write }', 'budgets: { session: { calls: 1 }, when_reached: pause }\n');
    const { session, ...outside } = await one.resolved();
    await recordRefusal(one.ledger, () => AT)({ call: outside as Resolved, refusal: OVER });
    expect((await one.ledger.look(session.id, AT))?.session.state).toBe('running');
  });
});

describe('why earlier calls do not allow it', () => {
  const demand = {
    kind: 'limit',
    rule: 'r',
    per: 'session',
    target: 'crm.act',
    where: [],
    within: 1,
    field: undefined,
    adds: 1,
    most: 2,
    reason: 'at most 2',
    remedy: undefined,
  } as const;
  const told = (used: number | undefined, freesAt?: number, rest: object = {}) =>
    unmetRefusal({ demand: { ...demand, ...rest }, used, freesAt });

  test('names the rule, what is used, and when some of it is free', () => {
    expect(told(2, AT)).toEqual({
      reason: 'denied',
      rules: ['r'],
      why: 'at most 2, of which 2 used',
      remedy: `wait until ${new Date(AT).toISOString()}, when some of it is free`,
    });
    expect(told(2_500_000, undefined, { field: 'sum' })).toMatchObject({
      why: 'at most 2, of which 2.5 used',
      remedy: undefined,
    });
    expect(told(Number.POSITIVE_INFINITY)).toMatchObject({
      why: 'at most 2, and how much of it is used cannot be told',
    });
    expect(told(undefined)).toMatchObject({ why: 'at most 2' });
    expect(told(1, undefined, { kind: 'not_after' })).toMatchObject({ why: 'at most 2' });
    expect(told(1, AT, { remedy: 'ask for less' })).toMatchObject({ remedy: 'ask for less' });
  });
});
