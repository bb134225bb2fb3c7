import { expect, test } from 'vitest';
import { isAlwaysApproved, statisticsOf } from '../../src/domain/approval-statistics.ts';
import type { AskedHold } from '../../src/domain/records.ts';

const asked = (more: Partial<AskedHold> = {}): AskedHold => ({
  id: 'h',
  session: 's',
  profile: 'p',
  target: 'a.b',
  effect: 'write',
  rules: ['a.b.approval'],
  state: 'open',
  placedAt: 1000,
  answer: undefined,
  usedBy: [],
  ...more,
});
const approved = (after: number, more: Partial<AskedHold> = {}) =>
  asked({ state: 'used', answer: { verdict: 'approve', at: 1000 + after }, ...more });

test('each rule has its own counts, by profile, and a hold of two rules counts for both', () => {
  const found = statisticsOf([
    approved(10, { rules: ['a.b.approval', 'flows.f', 'flows.f'] }),
    approved(30, { state: 'lapsed' }),
    asked({ state: 'denied', answer: { verdict: 'deny', at: 1020 } }),
    asked({ state: 'lapsed' }),
    asked(),
    approved(5, { profile: 'q' }),
  ]);
  expect(found).toEqual([
    { profile: 'p', rule: 'a.b.approval', asked: 5, approved: 2, denied: 1, lapsed: 1, waiting: 1, median: 20 },
    { profile: 'q', rule: 'a.b.approval', asked: 1, approved: 1, denied: 0, lapsed: 0, waiting: 0, median: 5 },
    { profile: 'p', rule: 'flows.f', asked: 1, approved: 1, denied: 0, lapsed: 0, waiting: 0, median: 10 },
  ]);
});

test('the median is the middle answer, or between the two, and none where nobody answered', () => {
  const median = (...after: number[]) => statisticsOf(after.map((one) => approved(one)))[0]?.median;
  expect([median(9, 1, 2), median(10, 2), median(7)]).toEqual([2, 6, 7]);
  expect(statisticsOf([asked()])[0]?.median).toBeUndefined();
  expect(statisticsOf([])).toEqual([]);
});

test('five approvals and no denial are always, fewer or one denial are not', () => {
  const are = (count: number, denied: number) => isAlwaysApproved({ approved: count, denied });
  expect([are(5, 0), are(4, 0), are(50, 1)]).toEqual([true, false, false]);
});
