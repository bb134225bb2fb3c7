import { describe, expect, test } from 'vitest';
import { digestOf, type JsonObject } from '../../src/domain/json.ts';
import {
  comparedField,
  keptOf,
  outputOfResult,
  placeOf,
  summedField,
  testedField,
  valueAt,
} from '../../src/policy/history/fields.ts';

const text = (words: string): JsonObject => ({ type: 'text', text: words });
const PLACE = { side: 'arguments', names: ['a'] } as const;

test('a place is a name in arguments or output, and nothing else', () => {
  expect(placeOf('output.customer.id')).toEqual({ side: 'output', names: ['customer', 'id'] });
  for (const odd of ['output', 'output.', 'output..a', 'result.a', 'a', '', 'arguments.a.']) {
    expect(placeOf(odd), odd).toBeUndefined();
  }
});

test('what is not there is nothing: not inherited, not in a list, not null', () => {
  const value = { a: { b: 0 }, list: [1], none: null, no: false };
  expect(valueAt(value, ['a', 'b'])).toBe(0);
  expect(valueAt(value, ['no'])).toBe(false);
  for (const names of [
    ['toString'],
    ['list', '0'],
    ['list', 'length'],
    ['none'],
    ['none', 'b'],
    ['a', 'c'],
    ['a', 'b', 'c'],
  ]) {
    expect(valueAt(value, names), names.join('.')).toBeUndefined();
  }
});

test('values that must be the same are kept as digests that tell a text from a number, and the same value from none other', () => {
  const { keptOf } = comparedField(PLACE, true);
  expect(keptOf('5')).toBe(digestOf('5'));
  expect(keptOf('5')).not.toBe(keptOf(5));
  expect(keptOf({ b: 1, a: 2 })).toBe(keptOf({ a: 2, b: 1 }));
});

test('where doubt counts against a call, what a server may take for the same is kept as the same', () => {
  const { keptOf } = comparedField(PLACE, false);
  for (const like of [5, '5', ' 5\n', '5.0', '5e0', '+5', '\uff15', ['5'], [[5]]]) {
    expect(keptOf(like), JSON.stringify(like)).toBe(keptOf('5'));
  }
  expect(keptOf('Eve@X.example')).toBe(keptOf('eve@x.example'));
  expect(keptOf({ to: ['A', 1] })).toBe(keptOf({ to: ['a', '1'] }));
  for (const other of [6, '50', '', [], ['5', '5'], { a: 5 }, '12345678901234567890']) {
    expect(keptOf(other), JSON.stringify(other)).not.toBe(keptOf('5'));
  }
  expect(keptOf('12345678901234567890')).not.toBe(keptOf('12345678901234567891'));
});

test('amounts are kept to the millionth, and what is none is not kept', () => {
  const { keptOf } = summedField(PLACE);
  expect([0.1, 0.2, 0.000001, 1_000_000_000, 0].map(keptOf)).toEqual([100_000, 200_000, 1, 1e15, 0]);
  for (const odd of [-1, '5', 0.0000001, 1.0000001, 1_000_000_001, true, [5], null]) {
    expect(keptOf(odd), JSON.stringify(odd)).toBeUndefined();
  }
});

test('a test passes what surely meets it where that is asked for, else what may', () => {
  const rule = { properties: { b: { maximum: 5 } } };
  const [sure, unsure] = [testedField(PLACE, rule, true), testedField(PLACE, rule, false)];
  expect([{ b: 5 }, { b: 6 }, { b: '9' }, {}, 'x'].map(sure.keptOf)).toEqual([true, false, false, false, false]);
  expect([{ b: 5 }, { b: 6 }, { b: '9' }, {}, 'x'].map(unsure.keptOf)).toEqual([true, false, true, true, true]);
  expect(sure.key).not.toBe(unsure.key);
});

test('a value that is too large to judge is one that may pass', () => {
  const rule = { items: { maximum: 5 } };
  const large = Array.from({ length: 1_100_000 }, (_, at) => (at === 1_099_999 ? 9 : 1));
  expect([testedField(PLACE, rule, true), testedField(PLACE, rule, false)].map(({ keptOf }) => keptOf(large))).toEqual([
    false,
    true,
  ]);
});

describe('a result', () => {
  test('is its structured content', () => {
    expect(outputOfResult({ structuredContent: { a: 1 }, content: [text('{"a":2}')] }, 'structured')).toEqual({ a: 1 });
    expect(outputOfResult({ content: [text('{"a":2}')] }, 'structured')).toBeUndefined();
  });

  test('is the JSON of its one text, where the policy says so', () => {
    const said = (content: readonly JsonObject[]) =>
      outputOfResult({ content, structuredContent: { a: 1 } }, 'json_text');
    expect(said([text('{"a":2}')])).toEqual({ a: 2 });
    for (const odd of [[], [text('a: 2')], [text('{"a":2}'), text('{"a":3}')], [{ type: 'image', text: '{"a":2}' }]]) {
      expect(said(odd), JSON.stringify(odd)).toBeUndefined();
    }
  });
});

test('of arguments nothing is kept for a rule over outputs, nor the other way round', () => {
  const output = comparedField({ side: 'output', names: ['a'] }, true);
  const given = comparedField(PLACE, true);
  expect(keptOf([output, given], 'arguments', { a: 1 })).toEqual({ [given.key]: digestOf(1) });
  expect(keptOf([output, given], 'output', { a: 1 })).toEqual({ [output.key]: digestOf(1) });
});

test('a text block without a text holds no JSON', () => {
  for (const odd of [5, null, undefined, { a: 1 }])
    expect(outputOfResult({ content: [{ type: 'text', text: odd }] }, 'json_text')).toBeUndefined();
  for (const content of [undefined, 'x', [], [5], [text('1'), text('2')]])
    expect(outputOfResult({ content }, 'json_text')).toBeUndefined();
});

test('what is kept of one place is not taken for another, nor for another kind', () => {
  const places = [PLACE, { side: 'output', names: ['a'] }, { side: 'arguments', names: ['a', 'b'] }] as const;
  const fields = places.flatMap((place) => [
    comparedField(place, true),
    summedField(place),
    testedField(place, { minimum: 1 }, true),
    testedField(place, { minimum: 2 }, true),
    testedField(place, { minimum: 1 }, false),
  ]);
  expect(new Set(fields.map(({ key }) => key)).size).toBe(fields.length);
});

test('what is kept of one place in several ways, and of several places, is kept apart', () => {
  const other = { side: 'output', names: ['a', 'b'] } as const;
  const keys = [PLACE, other].flatMap((place) => [
    comparedField(place, true).key,
    comparedField(place, false).key,
    summedField(place).key,
  ]);
  expect(keys).toEqual([
    'is:arguments.a',
    'like:arguments.a',
    'sum:arguments.a',
    'is:output.a.b',
    'like:output.a.b',
    'sum:output.a.b',
  ]);
});
