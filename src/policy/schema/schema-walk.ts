/** Walks a JSON Schema of a server, which may be anything: subschemas by position, arguments it declares, its size. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';

/** Keywords that hold a subschema, a list of them, or a mapping of names to them. Old and new dialects together. */
const HOLDERS: Readonly<Record<string, 'one' | 'list' | 'map'>> = {
  additionalItems: 'one',
  additionalProperties: 'one',
  contains: 'one',
  contentSchema: 'one',
  else: 'one',
  if: 'one',
  items: 'one',
  not: 'one',
  propertyNames: 'one',
  // biome-ignore lint/suspicious/noThenProperty: the JSON Schema keyword
  then: 'one',
  unevaluatedItems: 'one',
  unevaluatedProperties: 'one',
  allOf: 'list',
  anyOf: 'list',
  oneOf: 'list',
  prefixItems: 'list',
  $defs: 'map',
  definitions: 'map',
  dependencies: 'map',
  dependentSchemas: 'map',
  patternProperties: 'map',
  properties: 'map',
};

/** Schemas nested deeper than this are not read. */
const DEEPEST_SCHEMA = 32;
const MOST_SUBSCHEMAS = 1000;
const LARGEST_BYTES = 256 * 1024;
const DEEPEST_VALUE = 4 * DEEPEST_SCHEMA;

/** The schema with each object subschema, itself first, replaced by what `change` makes of it. Below level 32 as given. */
export function mapSubschemas(
  schema: JsonObject,
  change: (subschema: JsonObject, level: number) => JsonObject,
  level = 0,
): JsonObject {
  const changed = change(schema, level);
  if (level > DEEPEST_SCHEMA) return changed;
  const inner = (value: JsonValue | undefined): JsonValue | undefined => {
    if (Array.isArray(value)) return value.map((item) => inner(item) ?? null);
    return isObject(value) ? mapSubschemas(value, change, level + 1) : value;
  };
  return Object.fromEntries(
    Object.entries(changed).map(([key, value]) => {
      const holds = Object.hasOwn(HOLDERS, key) ? HOLDERS[key] : undefined;
      if (holds === 'map' && isObject(value)) return [key, mapMembers(value, inner)];
      return [key, holds === undefined ? value : inner(value)];
    }),
  );
}

const mapMembers = (members: JsonObject, inner: (value: JsonValue | undefined) => JsonValue | undefined): JsonObject =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, inner(value)]));

/** Why this schema is not fit to be compiled, after "its schema"; undefined where it is. */
export function unfit(schema: JsonObject): string | undefined {
  const odd = oddValue(schema, 0);
  if (odd !== undefined) return odd;
  if (Buffer.byteLength(JSON.stringify(schema)) > LARGEST_BYTES) return 'is larger than 256 KiB';
  let count = 0;
  let deepest = 0;
  let isAsync = false;
  mapSubschemas(schema, (subschema, level) => {
    count += 1;
    deepest = Math.max(deepest, level);
    isAsync ||= Object.hasOwn(subschema, '$async');
    return subschema;
  });
  if (deepest > DEEPEST_SCHEMA) return `is nested deeper than ${DEEPEST_SCHEMA} levels`;
  if (count > MOST_SUBSCHEMAS) return `has more than ${MOST_SUBSCHEMAS} subschemas`;
  // A compiled $async schema answers with a promise, and a promise looks like a yes.
  if (isAsync) return 'uses "$async", which is no JSON Schema';
  return undefined;
}

function oddValue(value: JsonValue | undefined, level: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (level > DEEPEST_VALUE) return `is nested deeper than ${DEEPEST_SCHEMA} levels`;
  if (Object.hasOwn(value, '__proto__')) return 'names "__proto__"';
  for (const member of Object.values(value)) {
    const odd = oddValue(member as JsonValue | undefined, level + 1);
    if (odd !== undefined) return odd;
  }
  return undefined;
}

/** What a tool's input schema says of argument names. */
export interface Declared {
  readonly names: ReadonlySet<string>;
  readonly patterns: readonly string[];
  /** Others are accepted: it says so (`additionalProperties`, `unevaluatedProperties`), or it declares none at all. */
  readonly open: boolean;
}

const IN_PLACE = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'dependentSchemas'];

/** The argument names that a schema declares, in itself and in what applies to the same object. */
export function declaredBy(schema: JsonObject): Declared {
  const names = new Set<string>();
  const patterns = new Set<string>();
  let says = false;
  for (const part of inPlace(schema)) {
    for (const name of memberNames(part['properties'])) names.add(name);
    for (const pattern of memberNames(part['patternProperties'])) patterns.add(pattern);
    says ||= [part['additionalProperties'], part['unevaluatedProperties']].some((more) => (more ?? false) !== false);
  }
  return { names, patterns: [...patterns], open: says || (names.size === 0 && patterns.size === 0) };
}

const memberNames = (value: JsonValue | undefined): readonly string[] => (isObject(value) ? Object.keys(value) : []);

/** The schema and every subschema that judges the same value, references followed. */
function inPlace(schema: JsonObject): ReadonlySet<JsonObject> {
  const found = new Set<JsonObject>();
  const add = (part: JsonValue | undefined): void => {
    if (!isObject(part) || found.has(part) || found.size > MOST_SUBSCHEMAS) return;
    found.add(part);
    for (const keyword of IN_PLACE) {
      const held = part[keyword];
      if (HOLDERS[keyword] === 'one') add(held);
      else if (typeof held === 'object' && held !== null) for (const one of Object.values(held)) add(one);
    }
    add(pointedAt(schema, part['$ref']));
  };
  add(schema);
  return found;
}

/** What a reference inside the schema (`#/$defs/x`) points at. */
export function pointedAt(schema: JsonObject, reference: JsonValue | undefined): JsonValue | undefined {
  if (reference === '#') return schema;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return undefined;
  return reference
    .slice(2)
    .split('/')
    .reduce<JsonValue | undefined>((at, step) => {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      return typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as JsonObject)[name] : undefined;
    }, schema);
}
