import { describe, expect, test } from 'vitest';
import type { Resolved, Round } from '../../../src/domain/call.ts';
import { desks, passed, refusalOf } from './desk.ts';

const desk = desks();

const ROUND: Round = { number: 1, session: 's', digest: 'd', answers: {} };

describe('afford', () => {
  const BUDGET = 'budgets: { session: { calls: 2 } }\n';

  test('a call claims itself and what its contract charges, and no more than is left', async () => {
    const one = await desk(
      '{ effect: write, charges: { searches: 2 } }',
      'budgets: { session: { calls: 2, searches: 3 } }\n',
    );
    const judged = passed(await one.judged(await one.resolved()));
    expect(passed(await one.afforded(judged))).toMatchObject({
      claims: { calls: 1, searches: 2 },
      caps: { calls: 2, searches: 3 },
    });
    const used = { ...judged, snapshot: { ...judged.snapshot, used: { searches: 2 } } };
    expect(refusalOf(await one.afforded(used))).toEqual({
      reason: 'over_budget',
      overdrawn: { kind: 'searches', used: 2, cap: 3 },
      currency: 'USD',
    });
  });

  test('a later round claims nothing, even of an empty budget', async () => {
    const one = await desk('{ effect: write }', BUDGET);
    const judged = passed(await one.judged(await one.resolved({}, { round: ROUND })));
    const used = { ...judged, snapshot: { ...judged.snapshot, used: { calls: 2 } } };
    expect(passed(await one.afforded(used))).toMatchObject({ claims: {}, caps: { calls: 2 } });
  });

  test('where the profile only observes, an empty budget is told; what cannot be undone it stops all the same', async () => {
    const affordedBy = async (effect: string, calls: number) => {
      const one = await desk(`{ effect: ${effect} }`, `${BUDGET}mode: observe\n`);
      const judged = passed(await one.judged(await one.resolved()));
      return one.afforded({ ...judged, snapshot: { ...judged.snapshot, used: { calls } } });
    };
    expect(passed(await affordedBy('write', 2))).toMatchObject({
      claims: { calls: 1 },
      caps: {},
      principalCaps: [],
      observed: [{ rule: 'budgets.session.calls', would: 'deny' }],
    });
    expect(passed(await affordedBy('write', 1))).toMatchObject({ caps: {}, observed: [] });
    expect(refusalOf(await affordedBy('irreversible', 2)).reason).toBe('over_budget');
    expect(passed(await affordedBy('irreversible', 1)).caps).toEqual({ calls: 2 });
  });

  describe('where a person may extend what is used up', () => {
    const spending = async (
      caps: string,
      used: Record<string, number>,
      more: Partial<Resolved> = {},
      then = 'extend',
    ) => {
      const one = await desk(
        more.shownFor === undefined
          ? '{ effect: write, approval: {}, charges: { searches: 1 } }'
          : '{ effect: read, charges: { searches: 1 } }',
        `budgets: { session: { ${caps} }, when_reached: ${then} }\n`,
      );
      const judged = passed(await one.judged(await one.resolved({}, more)));
      return one.afforded({ ...judged, snapshot: { ...judged.snapshot, used } });
    };
    const CAPS = 'calls: 1, searches: 1';
    const USED = { calls: 1, searches: 1 };

    test('each budget is a need of its own beside all others, and the caps stand', async () => {
      const call = passed(await spending(CAPS, USED));
      expect(call.needs.map(({ kind, rule }) => [kind, rule])).toEqual([
        ['rule', 'crm.act.approval'],
        ['budget', 'budgets.session.calls'],
        ['budget', 'budgets.session.searches'],
      ]);
      expect(call).toMatchObject({ claims: { calls: 1, searches: 1 }, caps: { calls: 1, searches: 1 } });
      expect(passed(await spending(CAPS, { calls: 1 })).needs.map(({ rule }) => rule)).toEqual([
        'crm.act.approval',
        'budgets.session.calls',
      ]);
    });

    test.each(['deny', 'pause'])('nobody is asked where the policy says %s', async (then) => {
      expect(refusalOf(await spending(CAPS, USED, {}, then)).reason).toBe('over_budget');
    });

    test('nobody is asked where one of them ends a loop', async () => {
      const spent = await spending('calls: 1, refusals: 1', { calls: 1, refusals: 1 });
      expect(refusalOf(spent)).toMatchObject({ reason: 'over_budget', overdrawn: { kind: 'calls' } });
    });

    test.each([
      ['what completes', { operation: 'completion/complete' }],
      ['what watches', { operation: 'resources/subscribe' }],
      ['what is read for a person', { shownFor: 'call_waiting' }],
    ] as const)('nobody waits for %s', async (_, more) => {
      expect(refusalOf(await spending(CAPS, USED, more))).toMatchObject({
        reason: 'over_budget',
        overdrawn: { kind: 'calls', used: 1, cap: 1 },
      });
    });
  });
});
