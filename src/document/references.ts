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

/** Stands for the session's own folder. It stays in the address of a server until a process is started for a session. */
export const SESSION_DIR = `\${session.dir}`;

/** Where a server's process is described. */
const OF_PROCESS: readonly unknown[] = ['command', 'arguments', 'cwd', 'env'];

/**
 * `${policy.dir}` works where a server's process is described: `servers.NAME.command`, `cwd`, `env`, and in front of a
 * rule's `within`. In a policy's resources it is the path of a `file:` URI, encoded as one, so that no character of a folder's name is a wildcard.
 */
export function policyFolder(folder: string, path: Path, text: string): Result<string, string> {
  if (path[0] === 'servers' && OF_PROCESS.includes(path[2])) return ok(folder);
  if (path.includes('within') && /^\$\{policy\.dir\}(?:\/|$)/.test(text)) return ok(folder);
  if (path[0] !== 'resources' || path[2] !== 'uri') {
    return refuse(
      `\${policy.dir} works in a server's command, arguments, cwd and env, in front of "within", and in the uri of resources`,
    );
  }
  return /^file:\/\/\$\{policy\.dir\}(?!.*\$\{policy\.dir\})/s.test(text)
    ? ok(pathToFileURL(folder).pathname.replaceAll('*', '%2A'))
    : refuse(`\${policy.dir} works in a uri as file://\${policy.dir} only`);
}

/**
 * `${session.dir}` works where a server's process is described, where a rule says `within`, and in front of the path of a
 * `file:` URI in a policy's resources. It stays as it is written: what it stands for is known when a process is started and
 * when a call is judged.
 */
export function sessionFolder(path: Path, text: string): Result<string, string> {
  const [part, , key, word] = path;
  if (part === 'servers' && OF_PROCESS.includes(key)) return sessionFolderOfProcess(key, word, text);
  const once = /^(?:file:\/\/)?\$\{session\.dir\}(?:\/(?!.*\$\{session\.dir\})|$)/s.test(text);
  if (once && part === 'resources' && key === 'uri' && text.startsWith('file:')) return ok(SESSION_DIR);
  if (once && path.includes('within') && text.startsWith('$')) return ok(SESSION_DIR);
  const uses = `in a server's command, arguments, cwd and env`;
  return refuse(
    `${SESSION_DIR} works ${uses}, in front of "within", and in the uri of resources as file://${SESSION_DIR}`,
  );
}

/** Not where it would choose the program. */
function sessionFolderOfProcess(key: unknown, word: unknown, text: string): Result<string, string> {
  if (key === 'command' && word === 0)
    return refuse(`a program in ${SESSION_DIR} is one that an agent could have put there`);
  if (key === 'cwd' && text !== SESSION_DIR)
    return refuse(`as a cwd ${SESSION_DIR} stands alone: there is no folder in it yet`);
  return ok(SESSION_DIR);
}

const LATER = ['session.', 'arguments.'];

/** Refuses a name that stands for nothing: known to come later, or unknown. */
export function unknownReference(name: string, expected: string): Result<string, string> {
  if (LATER.some((prefix) => name.startsWith(prefix))) return refuse(notYet(`\${${name}}`));
  return refuse(`unknown reference \${${name}}; expected ${expected}`);
}
