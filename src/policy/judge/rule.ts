/**
 * A rule on one value: JSON Schema 2020-12 keywords, those that judge a value by itself, and the formats. `pattern` is RE2
 * syntax and means the whole value. The formats are `path: { within }`, `url: { hosts, schemes }` and `email: { domains }`;
 * `within`, `hosts` (with `schemes`) and `domains` alone are short for them, and a rule that was read has the long form.
 */
import { z } from 'zod';
import { described, json, mapping } from '../../document/mapping.ts';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { FORMATS, readAs } from '../formats/format-keywords.ts';
import { formatKeys, formatTroubles, withFormats } from '../formats/format-shape.ts';
import { patternTrouble } from '../schema/rule-test.ts';

/** A rule that the shape below has accepted. */
export type Rule = JsonObject;

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'] as const;

/** The type of value that a keyword speaks of. The others (`type`, `enum`, `const`, `anyOf` ...) speak of all. */
export const SPEAKS_OF: Readonly<Record<string, 'number' | 'string' | 'array' | 'object'>> = {
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
  minLength: 'string',
  maxLength: 'string',
  pattern: 'string',
  path: 'string',
  within: 'string',
  url: 'string',
  hosts: 'string',
  schemes: 'string',
  email: 'string',
  domains: 'string',
  items: 'array',
  prefixItems: 'array',
  contains: 'array',
  minItems: 'array',
  maxItems: 'array',
  uniqueItems: 'array',
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  minProperties: 'object',
  maxProperties: 'object',
};

const number = z.number().optional();
const count = z.int().min(0).optional();
const type = z.enum(TYPES);
const pattern = z.string().superRefine((text, context) => {
  const why = patternTrouble(text);
  if (why !== undefined) context.addIssue(why);
});

const nested: z.ZodType<Rule> = z.lazy(() => rule);
const rules = z.array(nested).min(1).optional();
const ruleOrNone = z.union([z.literal(false), nested]).optional();

const WORDS = {
  type: 'The type of the value, or a list of types.',
  enum: 'The values that there are.',
  const: 'The one value that there is.',
  minimum: 'A number of at least this.',
  maximum: 'A number of at most this.',
  exclusiveMinimum: 'A number of more than this.',
  exclusiveMaximum: 'A number of less than this.',
  multipleOf: 'A number that is a multiple of this.',
  minLength: 'Text of at least so many characters.',
  maxLength: 'Text of at most so many characters.',
  pattern: 'RE2 syntax; it means the whole value. No parser: use it for names, not for languages.',
  path: 'A path in one of these folders.',
  within: 'Short for path: a path in one of these folders.',
  url: 'A URL at one of these hosts.',
  hosts: 'Short for url: a URL at one of these hosts.',
  schemes: 'Beside hosts: unsaid is https alone.',
  email: 'One mail address at one of these domains.',
  domains: 'Short for email: one mail address at one of these domains.',
  items: 'What each item of a list is; false: no items beyond those of prefixItems.',
  prefixItems: 'What the first items of a list are, one by one.',
  contains: 'A list with an item that is this.',
  minItems: 'A list of at least so many.',
  maxItems: 'A list of at most so many.',
  uniqueItems: 'A list without duplicates.',
  properties: 'What the members of an object are.',
  required: 'The members that an object must have.',
  additionalProperties: 'What the other members of an object are; false: there are none.',
  minProperties: 'An object of at least so many members.',
  maxProperties: 'An object of at most so many members.',
  anyOf: 'At least one of these rules.',
  allOf: 'All of these rules.',
  not: 'Not what this rule says.',
};

export const rule: z.ZodType<Rule> = mapping(
  described(
    {
      type: z.union([type, z.array(type).min(1)]).optional(),
      enum: z.array(json).min(1).optional(),
      const: json.optional(),
      minimum: number,
      maximum: number,
      exclusiveMinimum: number,
      exclusiveMaximum: number,
      multipleOf: z.number().gt(0).optional(),
      minLength: count,
      maxLength: count,
      pattern: pattern.optional(),
      ...formatKeys,
      items: ruleOrNone,
      prefixItems: rules,
      contains: nested.optional(),
      minItems: count,
      maxItems: count,
      uniqueItems: z.literal(true).optional(),
      properties: z.record(z.string(), nested).optional(),
      required: z.array(z.string()).min(1).optional(),
      additionalProperties: ruleOrNone,
      minProperties: count,
      maxProperties: count,
      anyOf: rules,
      allOf: rules,
      not: nested.optional(),
    },
    WORDS,
  ),
)
  .superRefine((written, context) => {
    const value = written as Rule;
    // Unknown keywords are told already, and are not in `value`: it may only look empty.
    if (context.issues.length > 0) return;
    for (const [key, message] of troubles(value)) context.addIssue({ code: 'custom', path: [...key], message });
  })
  .meta({
    id: 'rule',
    description: 'A rule on one value. It must hold for sure: a value of another type does not meet it.',
  })
  .transform((written) => withFormats(written as Rule)) as z.ZodType<Rule>;

type Trouble = readonly [readonly string[], string];

/** Keywords that are right one by one and cannot mean anything together. */
function troubles(value: Rule): readonly Trouble[] {
  const found: Trouble[] = formatTroubles(value).map(([key, message]) => [[key], message]);
  if (Object.keys(value).length === 0)
    found.push([[], 'expected at least one keyword, such as enum, maximum or pattern']);
  for (const [low, high] of [
    ['minimum', 'maximum'],
    ['minimum', 'exclusiveMaximum'],
    ['exclusiveMinimum', 'maximum'],
    ['exclusiveMinimum', 'exclusiveMaximum'],
    ['minLength', 'maxLength'],
    ['minItems', 'maxItems'],
    ['minProperties', 'maxProperties'],
  ] as const) {
    if (isEmptyRange(low, value[low], high, value[high])) {
      found.push([[low], `no value can meet this: ${low} is ${value[low]} and ${high} is ${value[high]}`]);
    }
  }
  const declared = typeof value['type'] === 'string' ? [value['type']] : value['type'];
  if (Array.isArray(declared)) {
    for (const key of Object.keys(value)) {
      const spokenOf = SPEAKS_OF[key];
      const has = declared.includes(spokenOf ?? '') || (spokenOf === 'number' && declared.includes('integer'));
      if (spokenOf !== undefined && !has)
        found.push([[key], `"${key}" says nothing about the type ${declared.join(' or ')}`]);
    }
  }
  return found;
}

function isEmptyRange(low: string, least: unknown, high: string, most: unknown): boolean {
  if (typeof least !== 'number' || typeof most !== 'number') return false;
  const open = low.startsWith('exclusive') || high.startsWith('exclusive');
  return open ? least >= most : least > most;
}

/**
 * A rule as plain JSON Schema, read with doubt.
 *
 * JSON Schema lets `maximum: 500` pass for the text "900", and `properties` for an object without them. A policy must
 * fail closed, whichever way it asks:
 * - `certain` (arguments, `allow` cases): true only when the value surely meets the rule. A value of a type that the
 *   keywords do not speak of does not meet it; where `complete`, neither does an object or list that lacks a member spoken of.
 * - else (`hold` and `deny` cases): false only when the value surely does not, which is what JSON Schema itself says.
 * `not` turns one into the other.
 */
export function asSchema(value: Rule, reading: { readonly certain: boolean; readonly complete: boolean }): JsonObject {
  const schema: Record<string, JsonValue | undefined> = {};
  for (const [key, operand] of Object.entries(value)) schema[key] = operandAsSchema(key, operand, reading);
  if (!reading.certain) return schema;
  const spokenOf = [...new Set(Object.keys(value).flatMap((key) => SPEAKS_OF[key] ?? []))];
  const open = value['type'] === undefined && value['enum'] === undefined && value['const'] === undefined;
  if (open && spokenOf.length > 0) schema['type'] = spokenOf;
  if (reading.complete && value['properties'] !== undefined) {
    const given = (value['required'] ?? []) as readonly string[];
    schema['required'] = [...new Set([...given, ...Object.keys(value['properties'] as JsonObject)])];
  }
  if (reading.complete && Array.isArray(value['prefixItems'])) {
    schema['minItems'] = Math.max(Number(value['minItems'] ?? 0), value['prefixItems'].length);
  }
  return schema;
}

function operandAsSchema(
  key: string,
  operand: JsonValue | undefined,
  reading: { readonly certain: boolean; readonly complete: boolean },
): JsonValue | undefined {
  const inner = (value: JsonValue | undefined): JsonValue =>
    typeof value === 'boolean' ? value : asSchema(value as Rule, reading);
  switch (key) {
    case 'not':
      return asSchema(operand as Rule, { ...reading, certain: !reading.certain });
    case 'items':
    case 'contains':
    case 'additionalProperties':
      return inner(operand);
    case 'prefixItems':
    case 'anyOf':
    case 'allOf':
      return (operand as readonly JsonValue[]).map(inner);
    case 'properties':
      return Object.fromEntries(Object.entries(operand as JsonObject).map(([name, value]) => [name, inner(value)]));
    default:
      return FORMATS.includes(key) ? readAs(operand as JsonObject, reading.certain) : operand;
  }
}
