/** `${...}` in texts: the few names that stand for something, and a plain word for all others. */
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Path, Problem, YamlDocument } from './document.ts';
import { notYet } from './mapping.ts';

/**
 * What `name` stands for in `text`, which stands at `path`, or why it stands for nothing there. What is no text can only
 * stand for the whole of it: see `isWhole`.
 */
export type Lookup = (name: string, path: Path, text: string) => Result<JsonValue, string>;

/** Whether the text is this reference and nothing else. */
export const isWhole = (name: string, text: string): boolean => text === `\${${name}}`;

/**
 * The document with every `${NAME}` in its texts replaced, but in its `tests`: there it is a text that an agent might
 * send. A replacement is not read again, so what it holds can name nothing. A text that names something unknown is told
 * in `found` and stays as it is.
 */
export function resolveReferences(document: YamlDocument, lookup: Lookup, found: Problem[]): YamlDocument {
  const { tests, ...rest } = document.value;
  const filled = (text: string, path: Path): JsonValue => {
    let whole: JsonValue | undefined;
    const replacedText = text.replace(/\$\{([^}]*)\}/g, (written, name: string) => {
      const meant = lookup(name, path, text);
      if (!meant.ok) found.push(document.problem(path, meant.error));
      else if (isWhole(name, text)) whole = meant.value;
      return meant.ok ? String(meant.value) : written;
    });
    return whole === undefined ? replacedText : whole;
  };
  const replaced = (value: JsonValue | undefined, path: Path): JsonValue => {
    if (typeof value === 'string') return filled(value, path);
    if (Array.isArray(value)) return value.map((item, at) => replaced(item, [...path, at]));
    if (!isObject(value)) return value ?? null;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replaced(member, [...path, key])]));
  };
  const value = replaced(rest, []) as JsonObject;
  return { ...document, value: tests === undefined ? value : { ...value, tests } };
}

/** The absolute folder that a file stands in: what `${policy.dir}` is. */
export const folderOf = (file: string): string => dirname(resolve(file));

/**
 * `${policy.dir}` works where a server's process is described: `servers.NAME.command`, `cwd`, `env`, and in front of a
 * rule's `within`. In a policy's resources it is the path of a `file:` URI, encoded as one, so that no character of a folder's name is a wildcard.
 */
export function policyFolder(folder: string, path: Path, text: string): Result<string, string> {
  if (path[0] === 'servers' && ['command', 'cwd', 'env'].includes(String(path[2]))) return ok(folder);
  if (path.includes('within') && /^\$\{policy\.dir\}(?:\/|$)/.test(text)) return ok(folder);
  if (path[0] !== 'resources' || path[2] !== 'uri') {
    return refuse(
      `\${policy.dir} works in a server's command, cwd and env, in front of "within", and in the uri of resources`,
    );
  }
  return /^file:\/\/\$\{policy\.dir\}(?!.*\$\{policy\.dir\})/s.test(text)
    ? ok(pathToFileURL(folder).pathname.replaceAll('*', '%2A'))
    : refuse(`\${policy.dir} works in a uri as file://\${policy.dir} only`);
}

/**
 * `${session.dir}` works where a rule says `within`, and in front of the path of a `file:` URI in a policy's resources. It stays
 * as it is written: what it stands for is known when a call is judged.
 */
export function sessionFolder(path: Path, text: string): Result<string, string> {
  const written = `\${session.dir}`;
  const once = /^(?:file:\/\/)?\$\{session\.dir\}(?:\/(?!.*\$\{session\.dir\})|$)/s.test(text);
  const isUri = path[0] === 'resources' && path[2] === 'uri';
  if (once && isUri && text.startsWith('file:')) return ok(written);
  if (once && path.includes('within') && text.startsWith('$')) return ok(written);
  return refuse(`${written} works in front of a path: in "within", and in a uri as file://${written}`);
}

const LATER = ['session.', 'arguments.'];

/** Refuses a name that stands for nothing: known to come later, or unknown. */
export function unknownReference(name: string, expected: string): Result<string, string> {
  if (LATER.some((prefix) => name.startsWith(prefix))) return refuse(notYet(`\${${name}}`));
  return refuse(`unknown reference \${${name}}; expected ${expected}`);
}
