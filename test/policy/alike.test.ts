import { expect, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.ts';
import { alike } from '../../src/policy/history/alike.ts';
import { isOfOutput } from '../../src/policy/history/fields.ts';

const differ = (...values: readonly JsonValue[]) =>
  expect(new Set(values.map((value) => JSON.stringify(alike(value)))).size).toBe(values.length);

test.each<readonly JsonValue[]>([
  [1, '1', '1.0', '1.000', ' +1 ', '1e0', '1e+00', [1], ['1'], [[1]]],
  [10_000_000_000, '1e10', '1E+010'],
  [true, 'true', 'TRUE', [true]],
  [null, '', ' ', [null], [['']]],
  ['Ada', 'ada ', '\uff21da', ['ADA']],
  ['\u00e9', 'e\u0301'],
  [
    [1, 'A'],
    ['1', 'a'],
  ],
  [{ a: 1 }, { a: '1' }, [{ a: [1] }]],
])('what a server may take for the same is the same', (first, ...others) => {
  for (const other of others) expect(alike(other), JSON.stringify(other)).toEqual(alike(first));
});

test('what is different stays different', () => {
  differ(1, 2, true, false, null, 'a', [], {}, { a: 1 }, { a: 2 }, { b: 1 });
  differ([1, 2], [2, 1], [1], [1, 2, 3], [[1, 2], 3], []);
  expect(alike([])).toEqual([]);
  expect(alike(['A', 'B', 'C'])).toEqual(['a', 'b', 'c']);
});

test('what is longer than a number can be exact is no number', () => {
  differ('1234567890123456', '1234567890123457', '01234567890123456');
  expect(alike('000000000000001')).toBe('1');
  expect(alike('0000000000000001')).toBe('0000000000000001');
  for (const text of ['1x', 'x1', '1.', '.5', '1e', '1e1000', '0x10', '--1']) expect(alike(text)).toBe(text);
});

test('a field of an output is known by its key, and no other is taken for one', () => {
  expect(['is:output.a', 'sum:output.a.b', 'test:output.a:x'].map(isOfOutput)).toEqual([true, true, true]);
  for (const key of ['is:arguments.output.a', 'is:arguments.a:output.b', 'output.a', ':output.a', 'is:output'])
    expect(isOfOutput(key), key).toBe(false);
});
