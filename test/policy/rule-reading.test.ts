import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { asSchema, rule } from '../../src/policy/judge/rule.ts';

const surely = (written: JsonObject) => asSchema(written, { certain: true, complete: false });
const maybe = (written: JsonObject) => asSchema(written, { certain: false, complete: false });

describe('where a value must surely meet a rule', () => {
  test('it is of the type that the keywords speak of', () => {
    expect(surely({ maximum: 5 })).toEqual({ maximum: 5, type: ['number'] });
    expect(surely({ maximum: 5, maxLength: 3 })).toEqual({ maximum: 5, maxLength: 3, type: ['number', 'string'] });
    expect(maybe({ maximum: 5 })).toEqual({ maximum: 5 });
  });

  test('a type, a list of values or a value that is said stands as it is: what is implied is wider', () => {
    for (const said of [
      { type: 'integer', maximum: 5 },
      { type: ['integer', 'null'], maximum: 5 },
      { enum: [1, 'x'], maximum: 5 },
      { const: 1, maximum: 5 },
    ])
      expect(surely(said)).toStrictEqual(said);
  });

  test('keywords that speak of every type imply none', () => {
    for (const said of [{ anyOf: [{ const: 1 }] }, { not: { const: 1 } }, { enum: [1] }])
      expect(surely(said)).toStrictEqual(said);
  });

  test('it surely meets each of several rules, and each rule within a rule', () => {
    const certain = { maximum: 5, type: ['number'] };
    for (const key of ['allOf', 'anyOf', 'prefixItems'])
      expect(surely({ [key]: [{ maximum: 5 }] })).toMatchObject({ [key]: [certain] });
    for (const key of ['items', 'contains', 'additionalProperties'])
      expect(surely({ [key]: { maximum: 5 } })).toMatchObject({ [key]: certain });
    expect(surely({ properties: { a: { maximum: 5 } } })).toMatchObject({ properties: { a: certain } });
    expect(surely({ not: { maximum: 5 } })).toStrictEqual({ not: { maximum: 5 } });
    expect(maybe({ not: { maximum: 5 } })).toStrictEqual({ not: certain });
  });
});

describe('a keyword that says nothing about the type that is said', () => {
  const loads = (written: JsonObject) => rule.safeParse(written).success;

  test('stops the load, whether one type is said or several', () => {
    expect(loads({ type: 'number', maxLength: 3 })).toBe(false);
    expect(loads({ type: ['number', 'null'], maxLength: 3 })).toBe(false);
    expect(loads({ type: ['number', 'string'], maxLength: 3 })).toBe(true);
    expect(loads({ type: 'integer', maximum: 3 })).toBe(true);
  });

  test.each([{ within: '/data' }, { hosts: ['example.com'] }, { domains: ['example.com'] }])(
    'is none of the formats where text is said: %j',
    (format) => {
      expect(loads({ type: 'string', ...format })).toBe(true);
      expect(loads({ type: 'number', ...format })).toBe(false);
    },
  );

  test('is none of the schemes of an address', () => {
    expect(loads({ type: 'string', hosts: ['example.com'], schemes: ['https'] })).toBe(true);
  });
});
