/** What a JSON Schema accepts, as a set of values that is never smaller. Draft-07 and 2020-12, as `schema.ts` reads them. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { mapSubschemas, pointedAt, unfit } from '../schema/schema-walk.ts';
import {
  ALL,
  ANY_KIND,
  join,
  type Kind,
  meet,
  NONE,
  ofTypes,
  ofValues,
  type Range,
  type Type,
  type ValueSet,
} from './value-set.ts';

/** Subschemas that are looked into for one schema, again each time; what is beyond is taken for anything. */
const MOST_LOOKS = 5_000;
/** Subschemas of one value, one in another. */
const DEEPEST = 32;

interface Reading {
  readonly root: JsonObject;
  /** Whether `#/...` means a place in the root: not where a part has a name (`$id`) of its own. */
  readonly pointers: boolean;
  left: number;
}

/** The values that a schema accepts; all where it is not fit to be read. Its members are read when they are asked for. */
export function valuesOf(schema: JsonObject): ValueSet {
  if (unfit(schema) !== undefined) return ALL;
  let pointers = true;
  mapSubschemas(schema, (part, level) => {
    if (level > 0 && part['$id'] !== undefined) pointers = false;
    return part;
  });
  return read({ root: schema, pointers, left: MOST_LOOKS }, schema, 0);
}

/** What the member of a name can be, of the objects in a set. */
export function memberOf(set: ValueSet, name: string): ValueSet {
  const kind = set.get('object');
  if (kind === undefined || kind.names?.has(name) === false) return NONE;
  return kind.member?.(name) ?? ALL;
}

/** What the items can be, of the lists in a set. */
export const itemOf = (set: ValueSet): ValueSet => {
  const kind = set.get('array');
  return kind === undefined ? NONE : (kind.item?.() ?? ALL);
};

function read(reading: Reading, schema: JsonValue | undefined, depth: number): ValueSet {
  if (schema === false) return NONE;
  reading.left -= 1;
  if (!isObject(schema) || depth > DEEPEST || reading.left < 0) return ALL;
  let set = ownOf(reading, schema);
  const inner = (part: JsonValue | undefined) => read(reading, part, depth + 1);
  if (schema['$ref'] !== undefined) set = meet(set, inner(referred(reading, schema['$ref'])));
  for (const part of listOf(schema['allOf'])) set = meet(set, inner(part));
  for (const keyword of ['anyOf', 'oneOf']) {
    const parts = listOf(schema[keyword]);
    if (parts.length > 0) set = meet(set, parts.map(inner).reduce(join, NONE));
  }
  return set;
}

const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);

/** A pointer with `%` may be coded, and is not followed. */
function referred({ root, pointers }: Reading, reference: JsonValue): JsonValue | undefined {
  const followed = pointers && !String(reference).includes('%');
  return followed ? pointedAt(root, reference) : undefined;
}

/** What the keywords of this very schema say. */
function ownOf(reading: Reading, schema: JsonObject): ValueSet {
  let set = typesOf(schema);
  const values = Array.isArray(schema['enum']) ? schema['enum'] : undefined;
  if (values !== undefined) set = meet(set, ofValues(values));
  if (schema['const'] !== undefined) set = meet(set, ofValues([schema['const']]));
  const sizes: readonly (readonly [Type, Partial<Kind>])[] = [
    ['number', { range: numbers(schema) }],
    ['string', { range: sizesOf(schema, 'minLength', 'maxLength') }],
    ['array', { range: sizesOf(schema, 'minItems', 'maxItems'), ...itemsOf(reading, schema) }],
    ['object', { range: sizesOf(schema, 'minProperties', 'maxProperties'), ...membersOf(reading, schema) }],
  ];
  const said = new Map(ALL);
  for (const [type, kind] of sizes) said.set(type, { ...ANY_KIND, ...kind });
  return meet(set, said);
}

const WHOLE: Kind = { ...ANY_KIND, whole: true };

function typesOf(schema: JsonObject): ValueSet {
  const { type } = schema;
  const named = typeof type === 'string' ? [type] : type;
  if (!Array.isArray(named)) return ALL;
  // OpenAPI's word, which the validator takes.
  const names: readonly JsonValue[] = schema['nullable'] === true ? [...named, 'null'] : named;
  return names
    .map((name) => (name === 'integer' ? ofTypes(['number'], WHOLE) : ofTypes([name as Type])))
    .reduce(join, NONE);
}

const numberOr = (value: JsonValue | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

function numbers(schema: JsonObject): Range {
  const [least, above] = [schema['minimum'], schema['exclusiveMinimum']].map((one) =>
    numberOr(one, Number.NEGATIVE_INFINITY),
  ) as [number, number];
  const [most, under] = [schema['maximum'], schema['exclusiveMaximum']].map((one) =>
    numberOr(one, Number.POSITIVE_INFINITY),
  ) as [number, number];
  return {
    least: Math.max(least, above),
    leastOpen: above >= least && above !== Number.NEGATIVE_INFINITY,
    most: Math.min(most, under),
    mostOpen: under <= most && under !== Number.POSITIVE_INFINITY,
  };
}

const sizesOf = (schema: JsonObject, least: string, most: string): Range => ({
  least: numberOr(schema[least], 0),
  leastOpen: false,
  most: numberOr(schema[most], Number.POSITIVE_INFINITY),
  mostOpen: false,
});

/** Lists by position are taken as one: an item is any of what stands at some place. */
function itemsOf(reading: Reading, schema: JsonObject): Partial<Kind> {
  const { items } = schema;
  if (items === undefined || Array.isArray(items)) return {};
  const parts = [items, ...listOf(schema['prefixItems'])];
  return { item: () => parts.map((part) => read(reading, part, 0)).reduce(join, NONE) };
}

function membersOf(reading: Reading, schema: JsonObject): Partial<Kind> {
  const members = isObject(schema['properties']) ? schema['properties'] : {};
  const others = schema['additionalProperties'];
  const patterns = isObject(schema['patternProperties']) && Object.keys(schema['patternProperties']).length > 0;
  const member = (name: string): ValueSet => {
    if (Object.hasOwn(members, name)) return read(reading, members[name], 0);
    return patterns ? ALL : read(reading, others, 0);
  };
  return others === false && !patterns ? { member, names: new Set(Object.keys(members)) } : { member };
}
