/** Strict mappings, and their issues in words a person can act on, each at its place in the file. */
import { z } from 'zod';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Path, Problem, YamlDocument } from './document.ts';
import { didYouMean } from './nearest.ts';

/**
 * A mapping with these keys only. `later` names the keys that the design has and nothing enforces yet: they are refused
 * by name, since a rule that is written and not enforced is worse than none. `elsewhere` says where other keys belong.
 */
export const mapping = <Shape extends z.ZodRawShape>(
  shape: Shape,
  later: readonly string[] = [],
  elsewhere: Readonly<Record<string, string>> = {},
) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, Object.keys(shape), later, elsewhere)).join('\n')
        : undefined,
  });

export const notYet = (what: string): string => `not yet: ${what} comes later and has no effect in this version`;

function unknownKey(
  key: string,
  known: readonly string[],
  later: readonly string[],
  elsewhere: Readonly<Record<string, string>>,
): string {
  if (later.includes(key)) return notYet(`"${key}"`);
  const place = Object.hasOwn(elsewhere, key) ? elsewhere[key] : undefined;
  if (place !== undefined) return `"${key}" belongs ${place}`;
  const near = didYouMean(key, [...known, ...later]);
  return `unknown key "${key}"${near === '' ? `; expected one of ${known.join(', ')}` : near}`;
}

/** The shape with what each key says, for editors: `tollgate policy schema` prints it. */
export const described = <Shape extends z.ZodRawShape>(
  shape: Shape,
  words: { readonly [Key in keyof Shape]-?: string },
): Shape =>
  Object.fromEntries(
    Object.entries(shape).map(([key, schema]) => [key, (schema as z.ZodType).describe(words[key] ?? '')]),
  ) as unknown as Shape;

/** Any JSON. */
export const json = z
  .unknown()
  .transform((value) => value as JsonValue)
  .meta({ type: ['null', 'boolean', 'number', 'string', 'array', 'object'] });

/** The members of a part of the document; none where it is no mapping. */
export function membersOf(document: YamlDocument, key: string): readonly (readonly [string, JsonValue | undefined])[] {
  const part = document.value[key];
  return isObject(part) ? Object.entries(part) : [];
}

/** The items of a part of the document; none where it is no list. */
export function itemsOf(document: YamlDocument, key: string): readonly JsonValue[] {
  const part = document.value[key];
  return Array.isArray(part) ? part : [];
}

/** The value of a valid part, or its problems at their places. `path` is where the part stands in the document. */
export function readPart<T>(document: YamlDocument, path: Path, part: unknown, schema: z.ZodType<T>, found: Problem[]) {
  const parsed = schema.safeParse(part);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) found.push(...problemsOf(document, path, issue));
  return undefined;
}

type Issue = z.core.$ZodIssue;

const COMMA = 'between { and } a text with a comma stands in quotes';

function problemsOf(document: YamlDocument, base: Path, issue: Issue): readonly Problem[] {
  const path = [...base, ...issue.path];
  const value = path.reduce<unknown>(
    (at, step) => (at as Record<PropertyKey, unknown> | null | undefined)?.[step],
    document.written,
  );
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => {
      const isText = key.includes(' ') && isObject(value as JsonValue) && (value as JsonObject)[key] === null;
      const message = isText ? `unknown key "${key}"; if it is the rest of a text: ${COMMA}` : messages[index];
      return document.keyProblem([...path, key], message ?? `unknown key "${key}"`);
    });
  }
  if (issue.code === 'invalid_key') {
    return [document.keyProblem(path, issue.issues[0]?.message ?? 'this key is not accepted')];
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find(
      (branch) => !branch.some((inner) => inner.path.length === 0 && isOfAnotherType(inner, value)),
    );
    if (meant !== undefined) return meant.flatMap((inner) => problemsOf(document, path, inner));
    const expected = issue.errors.flatMap((branch) => branch.flatMap(expectedWords));
    const own = issue.message === UNION ? undefined : issue.message;
    const wanted = own ?? `expected ${[...new Set(expected)].join(' or ')}`;
    if (value === undefined && path.length > 0)
      return [document.problem(path, `"${String(path.at(-1))}" is missing; ${wanted}`)];
    return [document.problem(path, `${wanted}, found ${kindOf(value)}`)];
  }
  if (value === undefined && path.length > 0 && issue.code !== 'custom') {
    return [document.problem(path, `"${String(path.at(-1))}" is missing${missingWords(issue)}`)];
  }
  return [document.problem(path, words(issue, value))];
}

/** What zod says of a union that has no words of its own. */
const UNION = 'Invalid input';

const isOfAnotherType = (issue: Issue, value: unknown): boolean =>
  issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof issue.values[0] !== typeof value);

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
};

function expectedWords(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_type') return [KINDS[issue.expected] ?? issue.expected];
  if (issue.code === 'invalid_value') return [listed(issue.values)];
  return [];
}

const listed = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;

const missingWords = (issue: Issue): string => {
  const [expected] = expectedWords(issue);
  return expected === undefined ? '' : `; expected ${expected}`;
};

function words(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_type')
    return `expected ${KINDS[issue.expected] ?? issue.expected}, found ${kindOf(value)}`;
  if (issue.code === 'invalid_value') {
    const near = typeof value === 'string' ? didYouMean(value, issue.values.map(String)) : '';
    return `expected ${listed(issue.values)}, found ${kindOf(value)}${near}`;
  }
  if (issue.code === 'too_small') {
    if (issue.origin === 'array') return `expected a list of at least ${issue.minimum}`;
    if (issue.origin === 'string') return 'expected text, found none';
    return `expected a number ${issue.inclusive === true ? 'of at least' : 'of more than'} ${issue.minimum}, found ${kindOf(value)}`;
  }
  if (issue.code === 'too_big' && issue.origin !== 'string')
    return `expected at most ${issue.maximum}, found ${kindOf(value)}`;
  return issue.message;
}

/** What a value is, with short texts and numbers as they stand. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return value.length <= 40 ? JSON.stringify(value) : 'text';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return isObject(value as JsonValue) ? 'a mapping' : 'a list';
}
