/**
 * Two rules on one value: how the second accepts more than the first, keyword by keyword. A value must meet all keywords of
 * a rule, so a rule is narrower where each keyword of the other is there, equal or plainly tighter. What is not known
 * here must be equal.
 */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { asSchema, type Rule } from '../judge/rule.ts';
import { at, changed, isAmong, isSame, NARROWER, type Widening, wider } from './widening.ts';

/** Rules on an argument: what is unsure does not meet them. */
export function ruleWidenings(old: Rule, next: Rule): readonly Widening[] {
  const reading = { certain: true, complete: false };
  // As schemas they say the type that their keywords imply: another keyword may admit another type.
  return schemaWidenings(asSchema(old, reading), asSchema(next, reading));
}

function schemaWidenings(old: JsonValue, next: JsonValue): readonly Widening[] {
  if (next === false || isSame(old, next)) return NARROWER;
  if (!isObject(old) || !isObject(next)) return changed('', next, old);
  return Object.entries(old).flatMap(([keyword, operand]): readonly Widening[] => {
    const given = next[keyword];
    if (keyword === 'type') return typeWidenings(operand, next);
    if (given === undefined) return changed(keyword, undefined, operand);
    if (keyword === 'properties') return propertyWidenings(old, operand, given);
    if (keyword === 'items' && countOf(old) !== countOf(next)) return changed('prefixItems', next['prefixItems'], old);
    if (keyword === 'additionalProperties' && !isAmong(namesOf(next), namesOf(old)))
      return wider('properties', 'more of them are named, which `additionalProperties` no longer judges');
    if (isSame(operand, given) || isTighter(keyword, operand as JsonValue, given)) return NARROWER;
    return changed(keyword, given, operand);
  });
}

const isNarrower = (old: JsonValue, next: JsonValue): boolean => schemaWidenings(old, next).length === 0;

const countOf = ({ prefixItems }: JsonObject): number => (Array.isArray(prefixItems) ? prefixItems.length : 0);
const namesOf = ({ properties }: JsonObject): readonly string[] =>
  isObject(properties) ? Object.keys(properties) : [];

function propertyWidenings(old: JsonObject, operand: JsonValue | undefined, given: JsonValue): readonly Widening[] {
  if (!isObject(operand) || !isObject(given)) return changed('properties', given, old);
  return Object.entries(operand).flatMap(([name, rule]) => {
    const other = given[name];
    const found = other === undefined ? changed(name, undefined, rule) : at(name, schemaWidenings(rule ?? {}, other));
    return at('properties', found);
  });
}

const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value as JsonValue];

/** A rule without `type` may still list its values. */
function typeWidenings(old: JsonValue | undefined, next: JsonObject): readonly Widening[] {
  const values = 'const' in next ? [next['const'] ?? null] : listOf(next['enum']);
  const types = next['type'] === undefined ? values.map(typeOf) : listOf(next['type']);
  const known = listOf(old);
  const isKnown = (type: JsonValue) => known.includes(type) || (type === 'integer' && known.includes('number'));
  return types.length > 0 && types.every(isKnown) ? NARROWER : changed('type', next['type'], old);
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

const isLess = (old: JsonValue, next: JsonValue): boolean => Number(next) <= Number(old);
const isMore = (old: JsonValue, next: JsonValue): boolean => Number(next) >= Number(old);

/** Of operands that differ: whether the second is tighter. */
const TIGHTER: Readonly<Record<string, (old: JsonValue, next: JsonValue) => boolean>> = {
  maximum: isLess,
  exclusiveMaximum: isLess,
  maxLength: isLess,
  maxItems: isLess,
  maxProperties: isLess,
  minimum: isMore,
  exclusiveMinimum: isMore,
  minLength: isMore,
  minItems: isMore,
  minProperties: isMore,
  enum: (old, next) => isAmong(listOf(next), listOf(old)),
  required: (old, next) => isAmong(listOf(old), listOf(next)),
  items: isNarrower,
  additionalProperties: isNarrower,
  contains: isNarrower,
  prefixItems: (old, next) =>
    listOf(next).length >= listOf(old).length &&
    listOf(old).every((rule, place) => isNarrower(rule, listOf(next)[place] ?? {})),
  anyOf: (old, next) => listOf(next).every((rule) => listOf(old).some((other) => isNarrower(other, rule))),
  allOf: (old, next) => listOf(old).every((rule) => listOf(next).some((other) => isNarrower(rule, other))),
  path: fewerListed,
  url: fewerListed,
  email: fewerListed,
};

const isTighter = (keyword: string, old: JsonValue, next: JsonValue): boolean =>
  Object.hasOwn(TIGHTER, keyword) && TIGHTER[keyword]?.(old, next) === true;

/** `{ hosts: [a, b] }` and the like: the same lists, each with no more in it. */
function fewerListed(old: JsonValue, next: JsonValue): boolean {
  if (!isObject(old) || !isObject(next) || !isSame(Object.keys(old).sort(), Object.keys(next).sort())) return false;
  return Object.keys(old).every((key) => isAmong(listOf(next[key]), listOf(old[key])));
}
