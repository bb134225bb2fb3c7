import { expect, test } from 'vitest';
import { overdrawn } from '../../src/domain/budget.ts';

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

test('spend beyond its cap, as an agent may report it, leaves no call, whatever it costs; spend up to it leaves free ones', () => {
  expect(overdrawn({ spend: 10 }, { spend: 10 }, { calls: 1 })).toBeUndefined();
  expect(overdrawn({ spend: 10 }, { spend: 11 }, { calls: 1 })).toEqual({ kind: 'spend', used: 11, cap: 10 });
  expect(overdrawn({}, { spend: 11 }, { calls: 1 })).toBeUndefined();
});
