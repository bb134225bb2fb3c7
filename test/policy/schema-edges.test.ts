import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { inputOf, promiseOf } from '../../src/policy/schema/schema.ts';
import { declaredBy, pointedAt, unfit } from '../../src/policy/schema/schema-walk.ts';
import { definitionOf } from './policy-text.ts';

const members = (count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, {}]));

describe('a schema is counted', () => {
  // The schema itself is one.
  test.each(['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'])(
    'with what stands under the names of %s, to a thousand and no further',
    (keyword) => {
      expect(unfit({ [keyword]: members(999) })).toBeUndefined();
      expect(unfit({ [keyword]: members(1000) })).toBe('has more than 1000 subschemas');
    },
  );

  test('to 256 KiB of its text', () => {
    const frame = JSON.stringify({ title: '' }).length;
    expect(unfit({ title: 'x'.repeat(256 * 1024 - frame) })).toBeUndefined();
    expect(unfit({ title: 'x'.repeat(256 * 1024 - frame + 1) })).toBe('is larger than 256 KiB');
  });

  test('to 128 levels of any value in it', () => {
    const nested = (levels: number): JsonObject => (levels === 0 ? {} : { const: nested(levels - 1) });
    expect(unfit(nested(128))).toBeUndefined();
    expect(unfit(nested(129))).toBe('is nested deeper than 32 levels');
  });

  test('in every one of its members: a prototype hides in the last of them', () => {
    const hidden = JSON.parse('{"title":"a","properties":{"x":{},"y":{"__proto__":{}}}}') as JsonObject;
    expect(unfit(hidden)).toBe('names "__proto__"');
    expect(unfit({ title: 'a', properties: { x: { default: [1, JSON.parse('{"__proto__":1}')] } } })).toBe(
      'names "__proto__"',
    );
  });
});

describe('the arguments that a schema declares', () => {
  const named = (name: string): JsonObject => ({ properties: { [name]: {} } });

  test.each([
    ['allOf', [named('a'), named('b')]],
    ['anyOf', [named('a'), named('b')]],
    ['oneOf', [named('a'), named('b')]],
    ['dependentSchemas', { x: named('a'), y: named('b') }],
  ])('are those of %s, too', (keyword, held) => {
    const declared = declaredBy({ [keyword]: held } as JsonObject);
    expect([[...declared.names], declared.open]).toEqual([['a', 'b'], false]);
  });

  test.each(['if', 'then', 'else'])('are those of %s, too', (keyword) => {
    const declared = declaredBy({ [keyword]: named('a') });
    expect([[...declared.names], declared.open]).toEqual([['a'], false]);
  });

  test('are any where it says so, or names none at all, and a pattern is a name', () => {
    expect(declaredBy({ ...named('a'), unevaluatedProperties: true }).open).toBe(true);
    expect(declaredBy({ ...named('a'), additionalProperties: { type: 'string' } }).open).toBe(true);
    expect(declaredBy({ ...named('a'), unevaluatedProperties: false }).open).toBe(false);
    expect(declaredBy({ patternProperties: { '^x': {} } })).toMatchObject({ patterns: ['^x'], open: false });
    expect(declaredBy({}).open).toBe(true);
  });
});

describe('a reference', () => {
  const schema: JsonObject = {
    $defs: {
      a: { title: 'a' },
      'b/c': { title: 'slash' },
      'd~e': { title: 'tilde' },
      list: ['x'],
      text: 'abc',
      none: null,
    },
    'defs/a': { title: 'wrong' },
  };

  test('is to the whole, or by the names that lead to a part', () => {
    expect(pointedAt(schema, '#')).toBe(schema);
    expect(pointedAt(schema, '#/$defs/a')).toEqual({ title: 'a' });
    expect(pointedAt(schema, '#/$defs/b~1c')).toEqual({ title: 'slash' });
    expect(pointedAt(schema, '#/$defs/d~0e')).toEqual({ title: 'tilde' });
  });

  test.each([
    '',
    '$defs/a',
    '//$defs/a',
    'other.json#/$defs/a',
    '#/$defs/none/x',
    '#/$defs/text/length',
    '#/$defs/missing/x',
    5,
  ])('is to nothing: %s', (reference) => {
    expect(pointedAt(schema, reference)).toBeUndefined();
  });
});

test('what a policy says of a result is held to it, each time', () => {
  const schema: JsonObject = { type: 'object', required: ['status'] };
  for (let times = 0; times < 2; times++) {
    expect(promiseOf(schema)({ status: 'sent' })).toEqual([]);
    expect(promiseOf(schema)({})).toEqual(['`status` is missing']);
  }
});

test.each(['http://json-schema.org/draft-07/sch#ema', 'xhttps://json-schema.org/draft/2020-12/schema'])(
  'a dialect that only holds the name of one is none: %s',
  ($schema) => {
    const checked = inputOf(definitionOf({ $schema, type: 'object' }))({});
    expect(checked).toEqual({
      ok: false,
      error: [expect.stringContaining('names a dialect other than 2020-12 and draft-07')],
    });
  },
);
