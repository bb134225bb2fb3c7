import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.ts';
import { ruleWidenings } from '../../../src/policy/widening/rule-widenings.ts';
import { wideningText } from '../../../src/policy/widening/widening.ts';

const lines = (old: JsonObject, next: JsonObject) => ruleWidenings(old, next).map(wideningText);
const isNarrower = (old: JsonObject, next: JsonObject) => lines(old, next).length === 0;

const FOUR = { maximum: 4 };
const FIVE = { maximum: 5 };
const TEXT = { maxLength: 9 };

describe('a keyword is narrower one way, and told the other', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['maximum', { maximum: 5 }, { maximum: 4 }],
    ['exclusiveMaximum', { exclusiveMaximum: 5 }, { exclusiveMaximum: 4 }],
    ['maxLength', { maxLength: 5 }, { maxLength: 4 }],
    ['maxItems', { maxItems: 5 }, { maxItems: 4 }],
    ['maxProperties', { maxProperties: 5 }, { maxProperties: 4 }],
    ['minimum', { minimum: 4 }, { minimum: 5 }],
    ['exclusiveMinimum', { exclusiveMinimum: 4 }, { exclusiveMinimum: 5 }],
    ['minLength', { minLength: 4 }, { minLength: 5 }],
    ['minItems', { minItems: 4 }, { minItems: 5 }],
    ['minProperties', { minProperties: 4 }, { minProperties: 5 }],
    ['enum', { enum: ['a', 'b'] }, { enum: ['b'] }],
    ['required', { required: ['a'] }, { required: ['b', 'a'] }],
    ['items', { items: FIVE }, { items: FOUR }],
    ['additionalProperties', { additionalProperties: FIVE }, { additionalProperties: FOUR }],
    ['contains', { contains: FIVE }, { contains: FOUR }],
    ['prefixItems', { prefixItems: [FIVE, TEXT] }, { prefixItems: [FOUR, TEXT] }],
    ['prefixItems', { prefixItems: [FIVE] }, { prefixItems: [FIVE, TEXT] }],
    ['anyOf', { anyOf: [FIVE, TEXT] }, { anyOf: [TEXT, FOUR] }],
    ['anyOf', { anyOf: [FIVE, TEXT] }, { anyOf: [TEXT] }],
    ['allOf', { allOf: [FIVE, TEXT] }, { allOf: [TEXT, FOUR] }],
    ['allOf', { allOf: [FIVE] }, { allOf: [TEXT, FIVE] }],
    ['path', { path: { within: ['/a', '/b'] } }, { path: { within: ['/b'] } }],
    ['url', { url: { hosts: ['a', 'b'], schemes: ['https'] } }, { url: { schemes: ['https'], hosts: ['a'] } }],
    ['email', { email: { domains: ['a', 'b'] } }, { email: { domains: ['a'] } }],
  ])('%s: from %j to %j', (keyword, loose, tight) => {
    expect(lines(loose, tight)).toEqual([]);
    expect(lines(loose, loose)).toEqual([]);
    expect(lines(tight, tight)).toEqual([]);
    expect(lines(tight, loose)).toEqual([expect.stringContaining(keyword)]);
    expect(lines(loose, {})).toContainEqual(expect.stringMatching(new RegExp(`^${keyword}: nothing, was `)));
  });

  test('one that is not known to be ordered must stay as it is', () => {
    for (const [keyword, old, next] of [
      ['pattern', 'a+', 'a'],
      ['multipleOf', 2, 4],
      ['const', 1, 2],
      ['uniqueItems', true, false],
      ['toString', 1, 2],
    ] as const)
      expect(isNarrower({ [keyword]: old }, { [keyword]: next })).toBe(false);
  });
});

describe('lists of rules', () => {
  test('every rule of a list must stay, not some', () => {
    expect(isNarrower({ prefixItems: [FOUR, TEXT] }, { prefixItems: [FOUR, FIVE] })).toBe(false);
    expect(isNarrower({ prefixItems: [FIVE, FIVE] }, { prefixItems: [FIVE] })).toBe(false);
    expect(isNarrower({ prefixItems: [{}, {}] }, { prefixItems: [{}] })).toBe(false);
    expect(isNarrower({ anyOf: [FOUR] }, { anyOf: [FOUR, TEXT] })).toBe(false);
    expect(isNarrower({ anyOf: [FOUR] }, { anyOf: [FIVE] })).toBe(false);
    expect(isNarrower({ allOf: [FOUR, TEXT] }, { allOf: [FOUR] })).toBe(false);
    expect(isNarrower({ allOf: [FOUR, TEXT] }, { allOf: [TEXT, FIVE] })).toBe(false);
  });

  test('a rule that lets nothing through is narrower than any, and no rule is narrower than it', () => {
    expect(isNarrower({ items: FIVE }, { items: false })).toBe(true);
    expect(lines({ items: false }, { items: FIVE })).toEqual(['items: {"maximum":5,"type":["number"]}, was false']);
    expect(isNarrower({ additionalProperties: false }, { additionalProperties: false })).toBe(true);
    expect(isNarrower({ prefixItems: [FIVE] }, { prefixItems: [false] })).toBe(true);
  });

  test('a format with other lists than before is told: one that is gone lets all through', () => {
    for (const next of [{ hosts: ['a'] }, { hosts: ['a'], ports: ['1'] }, 'a', ['a'], null])
      expect(isNarrower({ url: { hosts: ['a'], schemes: ['b'] } }, { url: next })).toBe(false);
    expect(isNarrower({ url: { hosts: ['a'], schemes: ['b'] } }, { url: { schemes: ['b', 'c'], hosts: ['a'] } })).toBe(
      false,
    );
    expect(isNarrower({ url: { hosts: ['a', 'b'], schemes: ['b'] } }, { url: { hosts: ['a'], schemes: ['c'] } })).toBe(
      false,
    );
    expect(isNarrower({ url: 'a' }, { url: { hosts: ['a'] } })).toBe(false);
    expect(isNarrower({ path: { within: '/a' } }, { path: { within: '/b' } })).toBe(false);
    expect(isNarrower({ path: { within: ['/a', '/b'] } }, { path: { within: '/a' } })).toBe(true);
  });
});

describe('members of an object', () => {
  const of = (properties: JsonObject, rest: JsonObject = {}) => ({ properties, ...rest });

  test('each keeps its rule or a narrower one; more may have one', () => {
    expect(isNarrower(of({ a: FIVE }), of({ a: FOUR, b: TEXT }))).toBe(true);
    expect(lines(of({ a: FOUR, b: TEXT }), of({ a: FIVE }))).toEqual([
      'properties.a.maximum: 5, was 4',
      'properties.b: nothing, was {"maxLength":9,"type":["string"]}',
    ]);
  });

  test('one that is named comes from under the rule for all others', () => {
    const closed = { additionalProperties: false };
    expect(lines(closed, of({ b: TEXT }, closed))).toEqual([
      'properties: more of them are named, which `additionalProperties` no longer judges',
    ]);
    expect(isNarrower(of({ b: TEXT }, closed), of({ b: TEXT }, closed))).toBe(true);
    expect(isNarrower(of({ b: TEXT }), of({ b: TEXT }, closed))).toBe(true);
    expect(isNarrower({ maxProperties: 5 }, of({ b: TEXT }, { maxProperties: 5 }))).toBe(true);
  });

  test('one item that has a rule of its own comes from under the rule for all', () => {
    const first = { prefixItems: [TEXT] };
    expect(lines({ items: FIVE }, { items: FIVE, ...first })).toEqual([
      expect.stringMatching(/^prefixItems: \[\{"maxLength":9,"type":\["string"\]\}\], was /),
    ]);
    expect(isNarrower({ items: FIVE, ...first }, { items: FOUR, ...first })).toBe(true);
  });
});

describe('the type of a value', () => {
  const types = (old: JsonObject, next: JsonObject) => isNarrower(old, next);

  test('is one of those before, an integer being a number', () => {
    expect(types({ type: ['number', 'string'] }, { type: 'string' })).toBe(true);
    expect(types({ type: 'number' }, { type: 'integer' })).toBe(true);
    expect(types({ type: 'integer' }, { type: 'number' })).toBe(false);
    expect(types({ type: 'string' }, { type: 'integer' })).toBe(false);
    expect(types({ type: 'string' }, { type: ['string', 'null'] })).toBe(false);
    expect(lines({ type: 'string' }, { not: { const: 1 } })).toEqual(['type: nothing, was string']);
    expect(types({ type: 'string' }, { enum: [] })).toBe(false);
  });

  test('may be that of the values that are listed instead, all of them', () => {
    for (const [type, value] of [
      ['null', null],
      ['array', ['a']],
      ['object', { a: 1 }],
      ['string', 'a'],
      ['boolean', true],
      ['number', 1.5],
      ['number', 1],
      ['integer', 1],
    ] as const) {
      expect(types({ type }, { const: value })).toBe(true);
      expect(types({ type }, { enum: [value, value] })).toBe(true);
      expect(types({ type: type === 'string' ? 'null' : 'string' }, { const: value })).toBe(false);
      expect(types({ type }, { enum: [value, type === 'string' ? 1 : 'x'] })).toBe(false);
    }
    expect(types({ type: 'integer' }, { const: 1.5 })).toBe(false);
    expect(types({ type: 'array' }, { const: { a: 1 } })).toBe(false);
    expect(types({ type: 'object' }, { const: null })).toBe(false);
    expect(types({ type: 'object' }, { const: ['a'] })).toBe(false);
    expect(types({ type: 'string' }, { const: 'a', enum: [1] })).toBe(true);
    expect(types({ type: 'string' }, { type: 'number', const: 'a' })).toBe(false);
  });
});
