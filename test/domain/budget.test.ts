import { expect, test } from 'vitest';
import { allOverdrawn, overdrawn, standings } from '../../src/domain/budget.ts';

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
