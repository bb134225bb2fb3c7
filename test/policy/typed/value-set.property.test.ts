import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import { asSchema, rule } from '../../../src/policy/judge/rule.ts';
import { ruleTest } from '../../../src/policy/schema/rule-test.ts';
import { inputOf } from '../../../src/policy/schema/schema.ts';
import { ruleMisfits } from '../../../src/policy/typed/rule-problems.ts';
import { memberOf, valuesOf } from '../../../src/policy/typed/schema-values.ts';
import { admits } from '../../../src/policy/typed/value-set.ts';
import { definitionOf } from '../policy-text.ts';

/** Few values, so that chance meets them again. */
const small = fc.constantFrom(-1, 0, 0.5, 1, 2, 3);
const size = fc.constantFrom(0, 1, 2);
const name = fc.constantFrom('a', 'b', 'c');
const leaf: fc.Arbitrary<JsonValue> = fc.oneof(
  small,
  name,
  fc.constantFrom<JsonValue>('', 'aa', '😀', null, true, false),
);
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 2, arbitrary: leaf },
  fc.array(leaf, { maxLength: 2 }),
  fc.dictionary(name, leaf, { maxKeys: 2 }),
) as fc.Arbitrary<JsonValue>;

const TYPE = fc.constantFrom('null', 'boolean', 'number', 'integer', 'string', 'array', 'object');
/** At most three of these keywords. */
const some = (keywords: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .subarray(Object.keys(keywords), { maxLength: 3 })
    .chain((kept) => fc.record(Object.fromEntries(kept.map((key) => [key, keywords[key] ?? value]))))
    .map((made) => made as JsonObject);

const plainKeywords = {
  type: fc.oneof(TYPE, fc.uniqueArray(TYPE, { minLength: 1, maxLength: 2 })),
  enum: fc.uniqueArray(value, { minLength: 1, maxLength: 3, selector: (one) => JSON.stringify(one) }),
  const: value,
  minimum: small,
  maximum: small,
  exclusiveMinimum: small,
  exclusiveMaximum: small,
  minLength: size,
  maxLength: size,
  minItems: size,
  maxItems: size,
};

const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => {
  const inner = fc.oneof({ maxDepth: 2 }, some(plainKeywords), tie('schema'));
  const part = fc.oneof(inner, fc.boolean());
  return {
    schema: some({
      ...plainKeywords,
      minProperties: size,
      maxProperties: size,
      items: part,
      prefixItems: fc.array(part, { minLength: 1, maxLength: 2 }),
      properties: fc.dictionary(name, part, { maxKeys: 2 }),
      additionalProperties: part,
      patternProperties: fc.dictionary(name, part, { maxKeys: 1 }),
      required: fc.uniqueArray(name, { maxLength: 2 }),
      anyOf: fc.array(part, { minLength: 1, maxLength: 2 }),
      oneOf: fc.array(part, { minLength: 1, maxLength: 2 }),
      allOf: fc.array(part, { minLength: 1, maxLength: 2 }),
      not: inner,
      $ref: fc.constantFrom('#/$defs/one', '#/$defs/two', '#/$defs/none', '#'),
    }),
  };
});

const { ruleOf } = fc.letrec<{ ruleOf: JsonObject }>((tie) => {
  const inner = fc.oneof({ maxDepth: 2 }, some(plainKeywords), tie('ruleOf'));
  return {
    ruleOf: some({
      ...plainKeywords,
      items: inner,
      contains: inner,
      prefixItems: fc.array(inner, { minLength: 1, maxLength: 2 }),
      properties: fc.dictionary(name, inner, { maxKeys: 2 }),
      required: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
      anyOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
      allOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
      not: inner,
    }),
  };
});

/** A tool with one required argument of this schema: whether it takes a value. */
function takerOf(of: JsonObject, definitions: JsonObject) {
  const inputSchema = { type: 'object', properties: { v: of }, required: ['v'], $defs: definitions };
  const check = inputOf(definitionOf(inputSchema));
  return { set: memberOf(valuesOf(inputSchema), 'v'), takes: (given: JsonValue) => check({ v: given }).ok };
}

const tool = fc.tuple(schema, schema, schema).map(([of, one, two]) => takerOf(of, { one, two }));

describe('what a schema is said to accept', () => {
  it('leaves out nothing that the validator takes', () => {
    let certain = 0;
    fc.assert(
      fc.property(tool, fc.array(value, { minLength: 5, maxLength: 5 }), ({ set, takes }, values) => {
        for (const one of values) {
          if (takes(one)) expect(admits(set, one)).toBe(true);
          else if (!admits(set, one)) certain += 1;
        }
      }),
      { numRuns: 1000 },
    );
    // It says "never" often enough to be of use.
    expect(certain).toBeGreaterThan(300);
  });

  it('is met by no value where a rule is told to be met by none', () => {
    let told = 0;
    fc.assert(
      fc.property(
        tool,
        ruleOf,
        fc.boolean(),
        fc.array(value, { minLength: 12, maxLength: 12 }),
        (one, written, certain, values) => {
          const read = rule.safeParse(written);
          if (!read.success) return;
          const [misfit] = ruleMisfits(written, one.set, [], { certain, excluded: false });
          if (misfit === undefined || !misfit.message.startsWith('no value') || misfit.path.length > 0) return;
          told += 1;
          const test = ruleTest(asSchema(read.data, { certain, complete: false }));
          for (const given of values) expect(one.takes(given) && test(given, '/')).toBe(false);
        },
      ),
      { numRuns: 1500 },
    );
    expect(told).toBeGreaterThan(10);
  });
});
