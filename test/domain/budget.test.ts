import { expect, test } from 'vitest';
import {
  added,
  allOverdrawn,
  amountWords,
  inUnits,
  isExtendable,
  isOfSession,
  isRenewed,
  overdrawn,
  renewedAmounts,
  standings,
} from '../../src/domain/budget.ts';

test('a claim may take the last of a cap, and not more', () => {
  expect(overdrawn({ calls: 5 }, { calls: 4 }, { calls: 1 })).toBeUndefined();
  expect(overdrawn({ calls: 5 }, { calls: 5 }, { calls: 1 })).toEqual({ kind: 'calls', used: 5, cap: 5 });
  expect(overdrawn({ calls: 0 }, {}, { calls: 1 })).toEqual({ kind: 'calls', used: 0, cap: 0 });
  expect(overdrawn({ spend: 10 }, { spend: 4 }, { calls: 1, spend: 7 })).toEqual({ kind: 'spend', used: 4, cap: 10 });
});

test('what has no cap is not limited, and what is not claimed is not asked', () => {
  expect(overdrawn({}, { calls: 99 }, { calls: 1 })).toBeUndefined();
  expect(overdrawn({ searches: 1 }, { searches: 9 }, { calls: 1 })).toBeUndefined();
});

test('runtime is used up once all of it is, whatever a call claims', () => {
  expect(overdrawn({ runtime: 100 }, { runtime: 99 }, { calls: 1 })).toBeUndefined();
  expect(overdrawn({ runtime: 100 }, { runtime: 100 }, {})).toEqual({ kind: 'runtime', used: 100, cap: 100 });
  expect(overdrawn({ runtime: 0 }, {}, {})).toEqual({ kind: 'runtime', used: 0, cap: 0 });
  expect(overdrawn({ runtime: 1 }, {}, {})).toBeUndefined();
});

test('refusals that are used up leave no call at all, and every cap that is passed is told', () => {
  expect(overdrawn({ refusals: 2 }, { refusals: 1 }, { calls: 1 })).toBeUndefined();
  expect(overdrawn({ refusals: 2 }, { refusals: 2 }, {})).toEqual({ kind: 'refusals', used: 2, cap: 2 });
  expect(overdrawn({ retries: 0, approvals: 0 }, {}, { calls: 1 })).toBeUndefined();
  const all = allOverdrawn({ calls: 1, pages: 2, runtime: 5 }, { calls: 1, runtime: 5 }, { calls: 1, pages: 2 });
  expect(all.map(({ kind }) => kind)).toEqual(['calls', 'runtime']);
});

test('how a session stands joins caps, what people added and what is used; what has no cap is not in it', () => {
  expect(standings({ calls: 10, spend: 5 }, { calls: 3, pages: 9 }, { calls: 12, spend: 7, pages: 1 })).toEqual([
    { kind: 'calls', used: 12, cap: 13, extended: 3, left: 1 },
    { kind: 'spend', used: 7, cap: 5, extended: 0, left: 0 },
  ]);
});

test('spend beyond its cap, as an agent may report it, leaves no call, whatever it costs; spend up to it leaves free ones', () => {
  expect(overdrawn({ spend: 10 }, { spend: 10 }, { calls: 1 })).toBeUndefined();
  expect(overdrawn({ spend: 10 }, { spend: 11 }, { calls: 1 })).toEqual({ kind: 'spend', used: 11, cap: 10 });
  expect(overdrawn({}, { spend: 11 }, { calls: 1 })).toBeUndefined();
});

test('spend that is over its cap and that the call would add to is told once, beside every other cap that is passed', () => {
  const over = (claims: Record<string, number>) =>
    allOverdrawn({ calls: 1, spend: 10 }, { calls: 1, spend: 11 }, claims).map(({ kind }) => kind);
  expect(over({ calls: 1, spend: 2 })).toEqual(['calls', 'spend']);
  expect(over({ calls: 1 })).toEqual(['calls', 'spend']);
  expect(over({ spend: 2 })).toEqual(['spend']);
});

test('a budget of a principal, and the number of its sessions, are none of this session: no pause or person of it helps', () => {
  const calls = { kind: 'calls', used: 1, cap: 1 };
  expect(isOfSession(calls)).toBe(true);
  expect(isOfSession({ ...calls, window: { within: 1, endsAt: 2 } })).toBe(false);
  expect(isOfSession({ ...calls, kind: 'sessions' })).toBe(false);
  expect(isOfSession({ ...calls, kind: 'sessions', window: { within: 1, endsAt: 2 } })).toBe(false);
});

test('budgets are full again that long after their first charge, not before, and never without a charge or a renewal', () => {
  expect(isRenewed(1_000, 500, 1_500)).toBe(true);
  expect(isRenewed(1_000, 500, 1_499)).toBe(false);
  expect(isRenewed(undefined, 500, 9_999)).toBe(false);
  expect(isRenewed(1_000, undefined, 9_999)).toBe(false);
  expect(isRenewed(undefined, undefined, 9_999)).toBe(false);
});

test('what servers asked of the client is never refilled; everything else is', () => {
  const used = { calls: 3, spend: 2, runtime: 9, refusals: 4, 'asked.crm.sampling': 5, 'unasked.crm': 6 };
  expect(renewedAmounts(used)).toEqual({ 'asked.crm.sampling': 5 });
});

test('nobody is asked for more of what ends loops', () => {
  expect(['retries', 'refusals', 'approvals'].filter(isExtendable)).toEqual([]);
  expect(['calls', 'spend', 'runtime', 'searches'].every(isExtendable)).toBe(true);
});

test('amounts are added by kind, and neither side is changed', () => {
  const [amounts, more] = [
    { calls: 2, pages: 1 },
    { calls: 3, spend: 4 },
  ];
  expect(added(amounts, more)).toEqual({ calls: 5, pages: 1, spend: 4 });
  expect([amounts, more]).toEqual([
    { calls: 2, pages: 1 },
    { calls: 3, spend: 4 },
  ]);
});

test('an amount reads in money, whole seconds that have passed, or a count', () => {
  expect([inUnits('spend', 1_500_000), inUnits('runtime', 1_999), inUnits('calls', 1_999)]).toEqual([1.5, 1, 1_999]);
  expect(amountWords('spend', 1_500_000, 'USD')).toBe('1.50 USD');
  expect(amountWords('runtime', 60_400, 'USD')).toBe('60 seconds of runtime');
  expect(amountWords('browser_minutes_used', 3, 'USD')).toBe('3 browser minutes used');
});
