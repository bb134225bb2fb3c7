import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../src/domain/json.ts';
import {
  ALL,
  ANY_KIND,
  admits,
  join,
  type Kind,
  meet,
  NONE,
  ofTypes,
  ofValues,
  type Range,
  TYPES,
  type Type,
  type ValueSet,
} from '../../../src/policy/typed/value-set.ts';

const range = (least: number, most: number, open: '' | '(' | ')' | '()' = ''): Range => ({
  least,
  most,
  leastOpen: open.startsWith('('),
  mostOpen: open.endsWith(')'),
});
const of = (type: Type, rest: Partial<Kind>): ValueSet => ofTypes([type], { ...ANY_KIND, ...rest });
const numbers = (...bounds: Parameters<typeof range>) => of('number', { range: range(...bounds) });
const whole = (...bounds: Parameters<typeof range>) => of('number', { range: range(...bounds), whole: true });
const among = (set: ValueSet, ...values: readonly JsonValue[]) => values.filter((value) => admits(set, value));

const ONE_OF_EACH: Readonly<Record<Type, JsonValue>> = {
  boolean: true,
  number: 1.5,
  string: 'a',
  array: [1],
  object: { a: 1 },
  null: null,
};
const EACH = Object.values(ONE_OF_EACH);

describe('what a set admits', () => {
  test('is known by the type of a value', () => {
    for (const type of TYPES) expect(among(ofTypes([type]), ...EACH)).toEqual([ONE_OF_EACH[type]]);
    expect(among(ALL, ...EACH)).toEqual(EACH);
    expect(among(NONE, ...EACH)).toEqual([]);
    expect(among(ofTypes(['null', 'array']), ...EACH)).toEqual([[1], null]);
  });

  test('is a number within its ends, an open one without itself, and whole where it must be', () => {
    expect(among(numbers(1, 3), 0, 1, 2.5, 3, 4)).toEqual([1, 2.5, 3]);
    expect(among(numbers(1, 3, '('), 1, 2, 3)).toEqual([2, 3]);
    expect(among(numbers(1, 3, ')'), 1, 2, 3)).toEqual([1, 2]);
    expect(among(whole(1, 3), 1, 2.5, 3, 4)).toEqual([1, 3]);
  });

  test('is text, a list or an object of its size: characters, items, members', () => {
    expect(among(of('string', { range: range(1, 2) }), '', 'a', '😀😀', 'abc')).toEqual(['a', '😀😀']);
    expect(among(of('array', { range: range(1, 1) }), [], [1], [1, 2])).toEqual([[1]]);
    expect(among(of('object', { range: range(1, 1) }), {}, { a: 1 }, { a: 1, b: 2 })).toEqual([{ a: 1 }]);
  });

  test('is one of its values, whatever the order of their members', () => {
    const set = ofValues([1, 'a', { a: 1, b: 2 }, null, [1]]);
    expect(among(set, 1, 2, 'a', 'b', { b: 2, a: 1 }, { a: 1 }, null, false, [1], [2])).toEqual([
      1,
      'a',
      { b: 2, a: 1 },
      null,
      [1],
    ]);
    expect([...set.keys()]).toEqual(['number', 'string', 'object', 'null', 'array']);
    expect(set.get('number')?.values).toEqual([1]);
  });

  test('is a list of which each item is admitted, and an object of which each member and its name are', () => {
    expect(among(of('array', { item: () => whole(1, 3) }), [], [1, 2], [1, 2.5], ['a'])).toEqual([[], [1, 2]]);
    const member = (name: string) => (name === 'a' ? whole(1, 3) : ofTypes(['string']));
    expect(among(of('object', { member }), {}, { a: 1, b: 'x' }, { a: 'x' }, { b: 1 })).toEqual([{}, { a: 1, b: 'x' }]);
    expect(among(of('object', { names: new Set(['a']) }), {}, { a: 1 }, { b: 1 }, { a: 1, b: 1 })).toEqual([
      {},
      { a: 1 },
    ]);
  });
});

describe('what is in both', () => {
  test('is of the types of both', () => {
    expect([...meet(ofTypes(['null', 'string']), ofTypes(['string', 'number'])).keys()]).toEqual(['string']);
    expect(meet(ALL, NONE).size).toBe(0);
    const set = numbers(1, 2);
    expect(meet(ALL, set).get('number')).toBe(set.get('number'));
    expect(meet(set, ALL).get('number')).toBe(set.get('number'));
  });

  const met = (one: ValueSet, other: ValueSet): Range | undefined => {
    expect(meet(one, other).get('number')?.range).toEqual(meet(other, one).get('number')?.range);
    return meet(one, other).get('number')?.range;
  };

  test('is between the nearer ends, open where either is', () => {
    expect(met(numbers(1, 5), numbers(3, 9))).toEqual(range(3, 5));
    expect(met(numbers(1, 5, '()'), numbers(1, 5))).toEqual(range(1, 5, '()'));
    expect(met(numbers(1, 5, '()'), numbers(2, 4))).toEqual(range(2, 4));
    expect(met(numbers(1, 5), numbers(2, 4, '()'))).toEqual(range(2, 4, '()'));
    expect(met(numbers(1, 3), numbers(3, 5))).toEqual(range(3, 3));
    expect(met(numbers(1, 3), numbers(4, 5))).toBeUndefined();
    expect(met(numbers(1, 3, ')'), numbers(3, 5))).toBeUndefined();
    expect(met(numbers(1, 3), numbers(3, 5, '('))).toBeUndefined();
  });

  test('is nothing between two neighbours where it must be whole, and nothing is claimed of what no double tells apart', () => {
    expect(met(whole(1, 9), numbers(4, 5, '()'))).toBeUndefined();
    expect(met(whole(1, 9), numbers(4, 5, '('))).toEqual(range(4, 5, '('));
    expect(met(whole(1, 9), numbers(4, 5, ')'))).toEqual(range(4, 5, ')'));
    expect(met(whole(1, 9), numbers(4.2, 4.8))).toBeUndefined();
    expect(met(whole(1, 9), numbers(4.2, 5.8))).toEqual(range(4.2, 5.8));
    expect(met(numbers(1, 9), numbers(4.2, 4.8))).toEqual(range(4.2, 4.8));
    expect(met(whole(1, 9), numbers(3.5, 4, ')'))).toBeUndefined();
    expect(met(whole(1, 9), numbers(4, 4.5, '('))).toBeUndefined();
    const far = 2 ** 53;
    expect(met(whole(0, far * 4), numbers(far, far + 2, '()'))).toEqual(range(far, far + 2, '()'));
    const endless = Number.POSITIVE_INFINITY;
    expect(met(whole(0, endless), numbers(4, endless))).toEqual(range(4, endless));
    expect(met(whole(-endless, 9), numbers(-endless, 4))).toEqual(range(-endless, 4));
  });

  test('is those of the values that both admit', () => {
    expect(meet(ofValues([1, 2, 3]), ofValues([2, 3, 4])).get('number')?.values).toEqual([2, 3]);
    expect(meet(ofValues([1, 2]), numbers(2, 9)).get('number')?.values).toEqual([2]);
    expect(meet(numbers(2, 9), ofValues([1, 2])).get('number')?.values).toEqual([2]);
    expect(meet(ofValues([1]), ofValues([2])).size).toBe(0);
    expect(meet(ofValues([1.5]), whole(1, 2)).size).toBe(0);
    expect(meet(ofValues([1, 'a']), ofValues(['a', 'b'])).size).toBe(1);
  });

  test('has items and members that are in both, and the names of both', () => {
    const lists = meet(of('array', { item: () => numbers(1, 5) }), of('array', { item: () => numbers(4, 9) }));
    expect(among(lists, [3], [4], [6])).toEqual([[4]]);
    for (const [one, other] of [
      [of('array', { item: () => numbers(1, 5) }), of('array', { range: range(1, 1) })],
      [of('array', { range: range(1, 1) }), of('array', { item: () => numbers(1, 5) })],
    ] as const)
      expect(among(meet(one, other), [], [1], [6], [1, 2])).toEqual([[1]]);
    const members = (set: ValueSet) => of('object', { member: () => set });
    expect(among(meet(members(numbers(1, 5)), members(numbers(4, 9))), { a: 3 }, { a: 4 }, { a: 6 })).toEqual([
      { a: 4 },
    ]);
    const [named, sized] = [of('object', { names: new Set(['a', 'b']), member: () => numbers(1, 5) }), range(1, 9)];
    for (const set of [meet(named, of('object', { range: sized })), meet(of('object', { range: sized }), named)])
      expect(among(set, {}, { a: 1 }, { a: 6 }, { c: 1 })).toEqual([{ a: 1 }]);
    const both = meet(named, of('object', { names: new Set(['b', 'c']) }));
    expect([...(both.get('object')?.names ?? [])]).toEqual(['b']);
  });
});

describe('what is in one or the other', () => {
  test('is of the types of either, each as it was where only one has it', () => {
    const joined = join(ofTypes(['null']), numbers(1, 2));
    expect(among(joined, null, 0, 1, 'a')).toEqual([null, 1]);
    expect(among(join(numbers(1, 2), ofTypes(['number'])), 0, 9)).toEqual([0, 9]);
    expect(among(join(ofTypes(['number']), numbers(1, 2)), 0, 9)).toEqual([0, 9]);
  });

  const joinedRange = (one: ValueSet, other: ValueSet): Range | undefined => {
    expect(join(one, other).get('number')?.range).toEqual(join(other, one).get('number')?.range);
    return join(one, other).get('number')?.range;
  };

  test('lies between the farther ends, open where both are', () => {
    expect(joinedRange(numbers(1, 5), numbers(3, 9))).toEqual(range(1, 9));
    expect(joinedRange(numbers(1, 5, '()'), numbers(1, 5))).toEqual(range(1, 5));
    expect(joinedRange(numbers(1, 5, '()'), numbers(1, 5, '()'))).toEqual(range(1, 5, '()'));
    expect(joinedRange(numbers(1, 5, '()'), numbers(2, 4))).toEqual(range(1, 5, '()'));
  });

  test('is known no better than the less known of them', () => {
    const kind = (one: ValueSet, other: ValueSet) => join(one, other).get('number');
    expect(kind(whole(1, 2), whole(3, 4))?.whole).toBe(true);
    expect(kind(whole(1, 2), numbers(3, 4))?.whole).toBe(false);
    expect(kind(ofValues([1]), ofValues([2]))?.values).toEqual([1, 2]);
    expect(kind(ofValues([1]), numbers(3, 4))?.values).toBeUndefined();
    expect(kind(numbers(3, 4), ofValues([1]))?.values).toBeUndefined();
  });

  test('has items and members of either, and the names of both where both have all', () => {
    const lists = (set?: ValueSet) => of('array', { range: range(0, 9), item: set && (() => set) });
    expect(among(join(lists(numbers(1, 2)), lists(numbers(5, 6))), [0], [1], [6], [7])).toEqual([[1], [6]]);
    expect(among(join(lists(numbers(1, 2)), lists()), [0], [1])).toEqual([[0], [1]]);
    expect(among(join(lists(), lists(numbers(1, 2))), [0], [1])).toEqual([[0], [1]]);
    const objects = (set?: ValueSet) => of('object', { range: range(0, 9), member: set && (() => set) });
    expect(among(join(objects(numbers(1, 2)), objects(numbers(5, 6))), { a: 0 }, { a: 1 }, { a: 6 })).toEqual([
      { a: 1 },
      { a: 6 },
    ]);
    expect(among(join(objects(numbers(1, 2)), objects()), { a: 0 }, { a: 1 })).toEqual([{ a: 0 }, { a: 1 }]);
    expect(among(join(objects(), objects(numbers(1, 2))), { a: 0 }, { a: 1 })).toEqual([{ a: 0 }, { a: 1 }]);
    const named = (...names: readonly string[]) => of('object', { range: range(0, 9), names: new Set(names) });
    expect(among(join(named('a'), named('b')), { a: 1 }, { b: 1 }, { c: 1 })).toEqual([{ a: 1 }, { b: 1 }]);
    expect(among(join(named('a'), objects()), { c: 1 })).toEqual([{ c: 1 }]);
    expect(among(join(objects(), named('a')), { c: 1 })).toEqual([{ c: 1 }]);
  });
});
