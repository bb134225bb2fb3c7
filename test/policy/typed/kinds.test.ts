/** The values that a schema accepts, as far as they are known: what is taken for impossible stops a policy's load. */
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import { itemOf, memberOf, valuesOf } from '../../../src/policy/typed/schema-values.ts';
import { ALL, ANY_KIND, admits, NONE, ofTypes } from '../../../src/policy/typed/value-set.ts';

const among = (schema: JsonObject, ...values: readonly JsonValue[]) =>
  values.filter((value) => admits(valuesOf(schema), value));
const rangeOf = (schema: JsonObject) => valuesOf(schema).get('number')?.range;

describe('numbers', () => {
  test('lie between the nearer of their ends, open where the nearer is', () => {
    const endless = {
      least: Number.NEGATIVE_INFINITY,
      leastOpen: false,
      most: Number.POSITIVE_INFINITY,
      mostOpen: false,
    };
    expect(rangeOf({})).toEqual(endless);
    expect(rangeOf({ minimum: 1, maximum: 5 })).toEqual({ least: 1, leastOpen: false, most: 5, mostOpen: false });
    const open = { least: 1, leastOpen: true, most: 5, mostOpen: true };
    expect(rangeOf({ exclusiveMinimum: 1, exclusiveMaximum: 5 })).toEqual(open);
    expect(rangeOf({ minimum: 1, exclusiveMinimum: 1, maximum: 5, exclusiveMaximum: 5 })).toEqual(open);
    expect(rangeOf({ minimum: 0, exclusiveMinimum: 1, maximum: 6, exclusiveMaximum: 5 })).toEqual(open);
    expect(rangeOf({ minimum: 1, exclusiveMinimum: 0, maximum: 5, exclusiveMaximum: 6 })).toEqual({
      least: 1,
      leastOpen: false,
      most: 5,
      mostOpen: false,
    });
  });

  test('may be whole, or null where OpenAPI says so', () => {
    expect(among({ type: 'integer' }, 1, 1.5, null)).toEqual([1]);
    expect(among({ type: ['integer', 'string'] }, 1, 1.5, 'a', null)).toEqual([1, 'a']);
    expect(among({ type: 'integer', nullable: true }, 1, 1.5, null)).toEqual([1, null]);
    expect(among({ type: 'integer', nullable: false }, null)).toEqual([]);
  });
});

test('sizes have both of their ends', () => {
  expect(among({ type: 'string', minLength: 1, maxLength: 2 }, '', 'a', 'ab', 'abc')).toEqual(['a', 'ab']);
  expect(among({ type: 'array', minItems: 1, maxItems: 2 }, [], [1], [1, 2], [1, 2, 3])).toEqual([[1], [1, 2]]);
  expect(among({ type: 'object', maxProperties: 1 }, {}, { a: 1 }, { a: 1, b: 1 })).toEqual([{}, { a: 1 }]);
});

describe('lists', () => {
  test('hold what their rule for items says, or what a place of its own does', () => {
    expect(among({ type: 'array', items: { type: 'number' } }, [], [1], ['a'])).toEqual([[], [1]]);
    const placed = { type: 'array', items: { type: 'number' }, prefixItems: [{ type: 'string' }] };
    expect(among(placed, [1], ['a'], [null])).toEqual([[1], ['a']]);
    expect(among({ type: 'array', items: false }, [], [1])).toEqual([[]]);
    for (const open of [
      { type: 'array' },
      { type: 'array', items: [{ type: 'number' }] },
      { type: 'array', items: true },
    ])
      expect(among(open, [1], ['a'])).toEqual([[1], ['a']]);
    expect(among({ type: 'array', prefixItems: [{ type: 'string' }] }, [1], ['a'])).toEqual([[1], ['a']]);
  });

  test('are asked what an item can be: of what is no list nothing', () => {
    expect(itemOf(valuesOf({ type: 'array', items: { type: 'null' } }))).toEqual(ofTypes(['null'], ANY_KIND));
    expect(itemOf(valuesOf({ type: 'array' }))).toBe(ALL);
    expect(itemOf(valuesOf({ type: 'string' }))).toBe(NONE);
  });
});

describe('objects', () => {
  const closed = { type: 'object', properties: { a: { type: 'number' } }, additionalProperties: false };

  test('hold members as they are declared, others where others are allowed', () => {
    expect(among(closed, {}, { a: 1 }, { a: 'x' }, { b: 1 })).toEqual([{}, { a: 1 }]);
    const open = { ...closed, additionalProperties: { type: 'null' } };
    expect(among(open, { a: 1 }, { b: null }, { b: 1 })).toEqual([{ a: 1 }, { b: null }]);
    const patterned = { ...closed, patternProperties: { '^b': {} } };
    expect(among(patterned, { a: 1 }, { a: 'x' }, { b: 1 })).toEqual([{ a: 1 }, { b: 1 }]);
    expect(among({ ...closed, patternProperties: {} }, { a: 1 }, { b: 1 })).toEqual([{ a: 1 }]);
    expect(among({ ...closed, properties: { a: false } }, {}, { a: 1 })).toEqual([{}]);
    expect(among({ ...closed, properties: { a: true } }, { a: 1 }, { a: 'x' })).toEqual([{ a: 1 }, { a: 'x' }]);
  });

  test('are asked what a member can be: nothing of what is no object, or has no such member', () => {
    expect(memberOf(valuesOf(closed), 'b')).toBe(NONE);
    expect([...memberOf(valuesOf(closed), 'a').keys()]).toEqual(['number']);
    expect(memberOf(valuesOf({ type: 'string' }), 'a')).toBe(NONE);
    expect(memberOf(ALL, 'a')).toBe(ALL);
  });
});

describe('parts of a schema', () => {
  test('are met, or one of them is', () => {
    expect(among({ allOf: [{ type: 'number' }, { maximum: 5 }] }, 1, 9, 'a')).toEqual([1]);
    for (const key of ['anyOf', 'oneOf'])
      expect(among({ [key]: [{ const: 1 }, { type: 'null' }] }, 1, 2, null, 'a')).toEqual([1, null]);
    expect(among({ anyOf: [], enum: [1, 2], const: 1 }, 1, 2)).toEqual([1]);
  });

  test('are followed by pointers, but not from a part with a name of its own', () => {
    const defs = { $defs: { x: { type: 'null' } } };
    const to = { properties: { a: { $ref: '#/$defs/x' } }, ...defs };
    expect(among(to, { a: null }, { a: 1 })).toEqual([{ a: null }]);
    expect(among({ $id: 'https://x.example/y', ...to }, { a: null }, { a: 1 })).toEqual([{ a: null }]);
    const renamed = { ...to, $defs: { ...defs.$defs, y: { $id: 'https://x.example/z' } } };
    expect(among(renamed, { a: null }, { a: 1 })).toEqual([{ a: null }, { a: 1 }]);
  });

  test('are read to some depth and no further: what is deeper is left open', () => {
    const nested = (levels: number): JsonObject => (levels === 0 ? { type: 'null' } : { allOf: [nested(levels - 1)] });
    expect(among(nested(32), null, 1)).toEqual([null]);
    expect(among(nested(33), null, 1)).toEqual([null, 1]);
  });

  test('are looked at so often and no more: what is beyond is left open', () => {
    const nothing = { type: 'null' };
    const times = (count: number, part: JsonObject) => Array.from({ length: count }, () => part);
    // The whole is one look, and each of the 49 references 102: itself, what it points to, and the 100 in that.
    const looks = (more: number) => ({
      anyOf: [...times(49, { $ref: '#/$defs/x' }), ...times(more, nothing)],
      $defs: { x: { anyOf: times(100, nothing) } },
    });
    expect(among(looks(1), null, 1)).toEqual([null]);
    expect(among(looks(2), null, 1)).toEqual([null, 1]);
  });
});
