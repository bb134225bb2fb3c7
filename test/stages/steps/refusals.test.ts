import { describe, expect, test } from 'vitest';
import type { Committed, Resolved } from '../../../src/domain/call.ts';
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
    const { session: _, ...outside } = call;
    await record({ call: outside as Resolved, refusal: { reason: 'session_unknown' } });
    const chain = await one.ledger.journal('gateway');
    expect(chain.filter(({ kind }) => kind === 'refused').map(({ body }) => body['reason'])).toEqual([
      'session_unknown',
    ]);
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
