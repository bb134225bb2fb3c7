import { expect, test } from 'vitest';
import { joined, REACHES, reachesAsFar, WORST_LABELS } from '../../src/domain/label.ts';

test('what reaches as far as it must, or farther, does; none is nearest and external farthest', () => {
  expect(REACHES.map((reach) => REACHES.map((least) => reachesAsFar(reach, least)))).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
  expect(REACHES).toEqual(['none', 'internal', 'external']);
});

test('labels are joined, each once, in one order; what is unsaid is both of the worst', () => {
  expect(joined(['b', 'a'], ['c', 'a'])).toEqual(['a', 'b', 'c']);
  expect(WORST_LABELS).toEqual(['private', 'untrusted']);
});
