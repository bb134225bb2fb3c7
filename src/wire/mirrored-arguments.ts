/** Arguments that a tool's schema wants repeated as `Mcp-Param-*` headers (basic/transports/streamable-http.mdx). */
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { decodeHeader } from './headers.ts';
import { encodeHeader } from './outgoing.ts';

export interface MirroredArgument {
  /** In lower case. */
  readonly header: string;
  /** The chain of properties that leads to the argument. */
  readonly path: readonly string[];
}

const MARK = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES = new Set<JsonValue | undefined>(['string', 'integer', 'boolean']);
/** Keywords whose members are named by the author: each member is a schema, whatever its name. */
const NAMED_SCHEMAS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords that hold plain values, not schemas. */
const VALUES = new Set(['default', 'const', 'enum', 'examples']);

/** The marks of a schema. Refused, with a sentence without a full stop, when one of them is not valid: such a tool is dropped. */
export function mirroredArguments(schema: JsonObject): Result<readonly MirroredArgument[], string> {
  const found: MirroredArgument[] = [];
  const problem = search(schema, [], found);
  if (problem !== undefined) return refuse(problem);
  const headers = new Set(found.map((one) => one.header));
  return headers.size === found.length ? ok(found) : refuse(`two arguments have the same ${MARK}`);
}

/** `path` is undefined where no chain of `properties` alone leads. Gives the first problem. */
function search(
  schema: JsonValue | undefined,
  path: readonly string[] | undefined,
  found: MirroredArgument[],
): string | undefined {
  if (Array.isArray(schema)) return first(schema as readonly JsonValue[], (one) => search(one, undefined, found));
  if (!isObject(schema)) return undefined;
  if (schema[MARK] !== undefined) {
    const mark = readMark(schema, path);
    if (!mark.ok) return mark.error;
    found.push(mark.value);
  }
  return first(Object.entries(schema), ([keyword, value]) => {
    if (VALUES.has(keyword) || keyword === MARK) return undefined;
    if (!NAMED_SCHEMAS.has(keyword) || !isObject(value)) return search(value, undefined, found);
    const isChain = keyword === 'properties' && path !== undefined;
    return first(Object.entries(value), ([name, child]) => search(child, isChain ? [...path, name] : undefined, found));
  });
}

function readMark(schema: JsonObject, path: readonly string[] | undefined): Result<MirroredArgument, string> {
  const name = schema[MARK];
  if (typeof name !== 'string' || !TOKEN.test(name)) return refuse(`${MARK} is no header name`);
  if (path === undefined || path.length === 0) return refuse(`${MARK} ${name} is not reached by properties alone`);
  if (!TYPES.has(schema['type'])) return refuse(`${MARK} ${name} is on no string, integer or boolean`);
  return ok({ header: `mcp-param-${name.toLowerCase()}`, path });
}

function first<T>(items: readonly T[], problemOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const NONE: Readonly<Record<string, string>> = {};

/** The headers that go with these arguments, given as their canonical text. An argument that is absent or null has none. */
export function argumentHeaders(
  mirrored: readonly MirroredArgument[],
  canonical: string,
): Readonly<Record<string, string>> {
  if (mirrored.length === 0) return NONE;
  const headers: Record<string, string> = {};
  const effective = JSON.parse(canonical) as JsonValue;
  for (const { header, path } of mirrored) {
    const value = valueAt(effective, path);
    if (typeof value === 'string') headers[header] = encodeHeader(value);
    else if (typeof value === 'number' || typeof value === 'boolean') headers[header] = String(value);
  }
  return headers;
}

/** The first header of a call that does not say what its argument says, in words without a full stop. */
export function mirrorFault(
  mirrored: readonly MirroredArgument[],
  headers: Readonly<Record<string, string>>,
  given: JsonObject,
): string | undefined {
  for (const { header, path } of mirrored) {
    const said = headers[header];
    const value = valueAt(given, path);
    const isSaid = value !== undefined && value !== null;
    if (isSaid && (said === undefined || !says(said, value)))
      return `${header} must equal the argument ${path.join('.')}`;
    if (!isSaid && said !== undefined) return `${header} is sent without the argument ${path.join('.')}`;
  }
  return undefined;
}

/** Whether a header's value says this argument: numbers by their value, so that 42.0 is 42. */
function says(said: string, value: JsonValue): boolean {
  const decoded = decodeHeader(said);
  if (decoded === undefined) return false;
  if (typeof value === 'number') return DECIMAL.test(decoded) && Number(decoded) === value;
  return decoded === String(value);
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

function valueAt(given: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  let value = given;
  for (const name of path) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}
