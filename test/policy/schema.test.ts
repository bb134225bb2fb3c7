import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { deepFreeze } from '../../src/domain/json.ts';
import { inputOf } from '../../src/policy/schema/schema.ts';
import { definitionOf } from './policy-text.ts';

const check = (schema: JsonObject) => inputOf(definitionOf(schema));
const problems = (schema: JsonObject, given: JsonObject) => {
  const checked = check(schema)(given);
  return checked.ok ? [] : checked.error;
};
const refusal = (why: string) => [`this tool cannot be called: its input schema ${why}`];
const ofA = (a: JsonObject): JsonObject => ({ type: 'object', properties: { a } });

describe('arguments against the tool’s own schema', () => {
  it('leave out a null that says nothing, keep one that is a value, and refuse one in the place of what is needed', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: {
        to: { type: 'string' },
        copies: { type: 'integer', default: 1 },
        note: { type: ['string', 'null'] },
        'a/b~c': { type: 'boolean' },
        inner: { type: 'object', properties: { x: { type: 'string' } } },
      },
      required: ['to'],
    };
    const given = { to: 'bob', copies: null, note: null, 'a/b~c': null };
    expect(check(schema)(given)).toEqual({ ok: true, value: { to: 'bob', copies: 1, note: null } });
    expect(problems(schema, { to: null })).toEqual(['`to` is missing']);
    expect(problems(schema, { to: 'bob', inner: { x: null } })).toHaveLength(1);
    expect(problems(schema, { to: 'bob', stray: null })).toHaveLength(1);
  });

  it('come back as a copy with defaults, which the caller may freeze', () => {
    const given = deepFreeze({ to: 'bob', options: {} });
    const checked = check({
      type: 'object',
      properties: {
        to: { type: 'string' },
        copies: { type: 'integer', default: 1 },
        options: { type: 'object', properties: { urgent: { default: false } } },
      },
    })(given);
    expect(checked).toEqual({ ok: true, value: { to: 'bob', copies: 1, options: { urgent: false } } });
    expect(given).toEqual({ to: 'bob', options: {} });
    if (checked.ok) expect(Object.isFrozen(checked.value)).toBe(false);
  });

  it('a default that is an object is not shared between calls', () => {
    const withDefault = check(ofA({ type: 'object', default: { list: [] } }));
    const [first, second] = [withDefault({}), withDefault({})];
    if (!first.ok || !second.ok) throw new Error('both are valid');
    (first.value['a'] as { list: number[] }).list.push(1);
    expect(second.value).toEqual({ a: { list: [] } });
  });

  it('are refused with the path and what was expected', () => {
    const schema = {
      type: 'object',
      properties: {
        mode: { enum: ['fast', 'slow'] },
        filter: {
          type: 'object',
          properties: { 'a/b': { type: 'array', items: { maximum: 5 } } },
          required: ['region'],
        },
      },
      required: ['mode'],
    };
    expect(problems(schema, { filter: { 'a/b': [1, 9] } })).toEqual([
      '`mode` is missing',
      '`filter.region` is missing',
      '`filter.a/b.1` must be <= 5',
    ]);
    expect(problems(schema, { mode: 'fats' })).toEqual(['`mode` must be one of "fast", "slow"']);
    expect(problems(schema, { mode: 'fast', filter: 5 })).toEqual(['`filter` must be an object']);
  });

  it('are told at most five problems', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(problems({ type: 'object', properties: { a: {} }, required: names }, {})).toHaveLength(5);
  });

  it('never see the values of the call repeated', () => {
    const secret = 'hunter2-hunter2';
    expect(problems(ofA({ type: 'number', enum: [1] }), { a: secret }).join()).not.toContain(secret);
  });
});

describe('arguments outside the tool’s schema', () => {
  it('are refused with the nearest name, though JSON Schema alone would let them pass', () => {
    const schema = { type: 'object', properties: { refund: {}, to: {} } };
    expect(problems(schema, { refnd: 5, x: 1 })).toEqual([
      '`refnd` is not an argument of this tool; did you mean "refund"?',
      '`x` is not an argument of this tool; it takes `refund`, `to`',
    ]);
  });

  it('are told once where the schema refuses them too', () => {
    expect(problems({ type: 'object', properties: { a: {} }, additionalProperties: false }, { bb: 1 })).toEqual([
      '`bb` is not an argument of this tool; it takes `a`',
    ]);
  });

  it('pass where the schema declares none, or says that there may be more', () => {
    expect(problems({ type: 'object' }, { x: 1 })).toEqual([]);
    expect(problems({ ...ofA({}), additionalProperties: { type: 'number' } }, { x: 1 })).toEqual([]);
    expect(problems({ ...ofA({}), additionalProperties: { type: 'number' } }, { x: 'y' })).toHaveLength(1);
    expect(problems({ ...ofA({}), patternProperties: { '^x-': {} } }, { 'x-1': 1 })).toEqual([]);
    expect(problems({ ...ofA({}), patternProperties: { '^x-': {} } }, { y: 1 })).toHaveLength(1);
  });

  it('are those that no part of the schema declares', () => {
    const schema = {
      ...ofA({}),
      allOf: [{ properties: { b: {} } }],
      anyOf: [{ $ref: '#/$defs/c' }, {}],
      $defs: { c: { properties: { c: {} } }, d: { properties: { d: {} } } },
    };
    expect(problems(schema, { a: 1, b: 1, c: 1 })).toEqual([]);
    expect(problems(schema, { d: 1 })).toHaveLength(1);
  });

  it('are those that a closed empty schema does not declare', () => {
    expect(problems({ type: 'object', properties: {}, additionalProperties: false }, { a: 1 })).toEqual([
      'the value must not have the member `a`',
    ]);
  });
});

describe('dialects', () => {
  const tuple = { prefixItems: [{ type: 'number' }] };

  it.each([undefined, 'https://json-schema.org/draft/2020-12/schema', 'https://json-schema.org/draft/2020-12/schema#'])(
    '2020-12 is the default: %s',
    ($schema) => {
      expect(problems({ ...($schema === undefined ? {} : { $schema }), ...ofA(tuple) }, { a: ['x'] })).toHaveLength(1);
    },
  );

  it.each(['http://json-schema.org/draft-07/schema#', 'http://json-schema.org/draft-07/schema'])(
    'draft-07 where it is named: %s',
    ($schema) => {
      expect(problems({ $schema, ...ofA(tuple) }, { a: ['x'] })).toEqual([]);
      expect(problems({ $schema, ...ofA({ items: [{ type: 'number' }] }) }, { a: ['x'] })).toHaveLength(1);
    },
  );

  it.each(['http://json-schema.org/draft-04/schema#', 'https://json-schema.org/draft/2019-09/schema', 'mine'])(
    'another refuses every call: %s',
    ($schema) => {
      expect(problems({ $schema, type: 'object' }, {})).toEqual(
        refusal('names a dialect other than 2020-12 and draft-07'),
      );
    },
  );

  it('all keywords of the conformance suite’s tool count', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' } } } },
      properties: { address: { $ref: '#addressDef' }, contact: { enum: ['phone', 'email'] }, phone: {}, email: {} },
      allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
      if: { properties: { contact: { const: 'phone' } }, required: ['contact'] },
      // biome-ignore lint/suspicious/noThenProperty: the JSON Schema keyword
      then: { required: ['phone'] },
      else: { required: ['email'] },
      additionalProperties: false,
    };
    expect(problems(schema, { contact: 'phone', phone: '1' })).toEqual([]);
    expect(problems(schema, { email: '1', address: { street: 5 } })).toEqual(['`address.street` must be text']);
    expect(problems(schema, { contact: 'phone', email: '1' })).toContain('`phone` is missing');
  });
});

describe('schemas that are not to be trusted refuse every call', () => {
  const nested = (levels: number): JsonObject =>
    levels === 0 ? { type: 'string' } : { type: 'object', properties: { a: nested(levels - 1) } };

  it.each<[string, JsonObject, string]>([
    [
      'a reference to elsewhere',
      ofA({ $ref: 'https://evil.example/schema' }),
      "cannot be used: can't resolve reference https://evil.example/schema from id #",
    ],
    [
      'a reference to nothing',
      ofA({ $ref: '#/$defs/none' }),
      "cannot be used: can't resolve reference #/$defs/none from id #",
    ],
    [
      'a pattern that needs backtracking',
      ofA({ pattern: '^(?!x)' }),
      'cannot be used: error parsing regexp: invalid or unsupported Perl syntax: `(?!`',
    ],
    ['a keyword with a wrong operand', ofA({ minimum: '5' }), 'cannot be used: minimum value must be ["number"]'],
    ['a type that is none', ofA({ type: 'strng' }), 'cannot be used: type must be JSONType or JSONType[]: strng'],
    ['more than 256 KiB', ofA({ description: 'x'.repeat(256 * 1024) }), 'is larger than 256 KiB'],
    ['more than 32 levels', nested(33), 'is nested deeper than 32 levels'],
    [
      'lists in lists, no schemas',
      { default: JSON.parse('['.repeat(500) + ']'.repeat(500)) },
      'is nested deeper than 32 levels',
    ],
    [
      'more than 1000 subschemas',
      { type: 'object', properties: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`p${at}`, {}])) },
      'has more than 1000 subschemas',
    ],
    [
      'an answer that is a promise, which looks like a yes',
      { $async: true, ...ofA({ type: 'number' }) },
      'uses "$async", which is no JSON Schema',
    ],
    ['a promise further in', ofA({ $async: true, type: 'number' }), 'uses "$async", which is no JSON Schema'],
    [
      'a name that reaches for prototypes',
      JSON.parse('{"properties": {"__proto__": {"default": {"a": 1}}}}'),
      'names "__proto__"',
    ],
  ])('%s', (_name, schema, why) => {
    expect(problems(schema, {})).toEqual(refusal(why));
  });

  it('but 32 levels, and an id of its own, are fine', () => {
    expect(problems(nested(32), { a: {} })).toEqual([]);
    expect(problems({ $id: 'https://a.example/s', ...ofA({ type: 'number' }) }, { a: 1 })).toEqual([]);
    expect(problems({ $id: 'https://a.example/s', ...ofA({ type: 'string' }) }, { a: 'x' })).toEqual([]);
  });
});

describe('work without end is cut short', () => {
  const tooMuch = ["the values take more work to check against the tool's schema than is allowed"];

  it('references that multiply', () => {
    const $defs: Record<string, JsonObject> = { d30: { type: 'string' } };
    for (let at = 0; at < 30; at++) {
      const next = { $ref: `#/$defs/d${at + 1}` };
      $defs[`d${at}`] = { allOf: [next, next] };
    }
    expect(problems({ $defs, ...ofA({ $ref: '#/$defs/d0' }) }, { a: 'x' })).toEqual(tooMuch);
  });

  it('a reference that leads back to itself', () => {
    expect(problems({ ...ofA({}), $ref: '#' }, { a: 1 })).toEqual(tooMuch);
  });

  it('a pattern that would take a backtracking engine for ever', () => {
    const check = inputOf(definitionOf(ofA({ pattern: '^(a+)+$' })));
    expect(check({ a: 'a'.repeat(50_000) }).ok).toBe(true);
    expect(check({ a: `${'a'.repeat(50_000)}!` }).ok).toBe(false);
  });

  it('a long list without duplicates', () => {
    const unique = inputOf(definitionOf(ofA({ type: 'array', uniqueItems: true })));
    const items = Array.from({ length: 100_000 }, (_, at) => ({ at }));
    expect(unique({ a: items }).ok).toBe(true);
    expect(unique({ a: [...items, { at: 5 }] }).ok).toBe(false);
  });

  it('and the next call is judged afresh', () => {
    const list = inputOf(definitionOf(ofA({ items: { type: 'number' } })));
    const long = Array.from({ length: 600_000 }, () => 1);
    expect(list({ a: long }).ok).toBe(true);
    expect(list({ a: long }).ok).toBe(true);
    expect(list({ a: [...long, ...long] }).ok).toBe(false);
  });
});

describe('patterns of servers', () => {
  it('are found anywhere, as JSON Schema says, and two in one schema are two', () => {
    const schema = { type: 'object', properties: { a: { pattern: 'x+' }, b: { pattern: '^\\u0079$' } } };
    expect(problems(schema, { a: '-x-', b: 'y' })).toEqual([]);
    expect(problems(schema, { a: 'y', b: '-y-' })).toHaveLength(2);
  });
});
