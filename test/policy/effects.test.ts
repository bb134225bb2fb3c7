import { expect, test } from 'vitest';
import { EFFECTS } from '../../src/domain/contract.ts';
import { worstEffect, worstOf } from '../../src/policy/judge/effects.ts';

test('the worst of effects is the farthest in their order; of none it is what cannot be undone', () => {
  expect(EFFECTS.map((one) => worstOf(['read', one]))).toEqual(EFFECTS);
  expect(worstOf([])).toBe('irreversible');
});

test('a tool whose cases all deny does what it says itself', () => {
  expect(worstEffect({ effect: 'write' }, { cases: undefined })).toBe('write');
  expect(worstEffect({ effect: 'write' }, { cases: [] })).toBe('write');
});
