/**
 * A strict YAML file as one value with positions. What YAML offers beyond plain data (anchors, aliases, tags, several
 * documents, keys that are no text) is refused: what a reader of the file sees must be what is loaded.
 */
import { isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

/** Something wrong in a file. `line` and `column` count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type Path = readonly PropertyKey[];

/** A file's value, and where each part of it stands. */
export interface YamlDocument {
  /** With what `${...}` stands for, once that is known. */
  readonly value: JsonObject;
  /** As it stands in the file: what problems quote, so that none shows the value of a variable. */
  readonly written: JsonObject;
  /** A problem with the value at `path`; where there is none, at the key of the nearest value that holds the place. */
  problem(path: Path, message: string): Problem;
  /** A problem with the key that ends `path`. */
  keyProblem(path: Path, message: string): Problem;
}

/** The file that writes a place: a policy may be laid over another. */
export const fileAt = (document: YamlDocument, path: Path): string => document.problem(path, '').file;

/** A line of a problem as people and editors read it. */
export const problemText = (problem: Problem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;

/** The problems in the order of the file. */
export const inOrder = (problems: readonly Problem[]): readonly Problem[] =>
  problems.toSorted((a, b) => a.line - b.line || a.column - b.column);

const LARGEST_BYTES = 1024 * 1024;
const DEEPEST = 64;
/** A double keeps this many decimal digits of any number. */
const KEPT_DIGITS = 15;

/** Reads a file of at most 1 MiB. Refuses with every problem of its form. */
export function readYaml(file: string, text: string): Result<YamlDocument, readonly Problem[]> {
  const here = (line: number, column: number, message: string): Problem => ({ file, line, column, message });
  if (Buffer.byteLength(text) > LARGEST_BYTES) return refuse([here(1, 1, 'the file is larger than 1 MiB')]);

  const lines = new LineCounter();
  const parsed = parseDocument(text, {
    lineCounter: lines,
    stringKeys: true,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
  });
  const offset = (position: number, message: string): Problem => {
    const { line, col } = lines.linePos(position);
    return here(line, col, message);
  };
  const broken = parsed.errors.map((error) => offset(error.pos[0], `no valid YAML: ${yamlWords(error)}`));
  if (broken.length > 0) return refuse(broken);

  const root = parsed.contents;
  if (root === null) return refuse([here(1, 1, 'the file is empty; expected a mapping')]);
  const impure = impurities(root).map(([node, message]) => offset(node.range?.[0] ?? 0, message));
  if (impure.length > 0) return refuse(impure);

  const value = plain(root);
  if (!isObject(value)) return refuse([offset(root.range?.[0] ?? 0, 'expected a mapping of keys and values')]);
  return ok(positioned(value, root, offset));
}

function yamlWords(error: { readonly code: string; readonly message: string }): string {
  if (error.code === 'DUPLICATE_KEY') return 'this key is written twice';
  if (error.code === 'MULTIPLE_DOCS') return 'a second document starts here; expected one';
  if (error.code === 'NON_STRING_KEY') return 'a key must be text';
  const [, closing] = /end with a ([}\]])$/.exec(error.message) ?? [];
  if (closing !== undefined) return `a "${closing === '}' ? '{' : '['}" above is never closed; expected "${closing}"`;
  return error.message;
}

type Impurity = readonly [Node, string];

/** Everything in the tree that is more than plain data, or that would not be read as it is written. */
function impurities(root: Node): readonly Impurity[] {
  const found: Impurity[] = [];
  visit(root, {
    Node(key, node, path) {
      if (isAlias(node)) found.push([node, 'aliases are not accepted; write the value out']);
      else if (node.anchor !== undefined) found.push([node, 'anchors are not accepted; write the value out']);
      if (node.tag !== undefined) found.push([node, 'tags are not accepted']);
      if (isScalar(node)) found.push(...scalarImpurities(node, key === 'key').map((why): Impurity => [node, why]));
      if (isCollection(node) && path.filter(isCollection).length >= DEEPEST) {
        found.push([node, `nested deeper than ${DEEPEST} levels`]);
        return visit.BREAK;
      }
      return undefined;
    },
  });
  return found;
}

function scalarImpurities(node: { readonly value: unknown; readonly source?: string }, isKey: boolean): string[] {
  if (isKey) return node.value === '__proto__' ? ['"__proto__" is not accepted as a key'] : [];
  if (typeof node.value !== 'number') return [];
  const digits = (node.source ?? '').replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '');
  const exact = Number.isFinite(node.value) && (digits.length <= KEPT_DIGITS || /^0[xo]/.test(node.source ?? ''));
  const safe = !Number.isInteger(node.value) || Number.isSafeInteger(node.value);
  return exact && safe ? [] : [`expected a finite number of at most ${KEPT_DIGITS} digits, or text in quotes`];
}

function plain(node: unknown): JsonValue {
  if (isMap(node)) {
    return Object.fromEntries(node.items.map((pair) => [keyText(pair.key), plain(pair.value)]));
  }
  if (isSeq(node)) return node.items.map(plain);
  return isScalar(node) ? (node.value as JsonValue) : null;
}

const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key);

function positioned(value: JsonObject, root: Node, offset: (at: number, message: string) => Problem): YamlDocument {
  /** The deepest node on `path` that is there, the key it stands under, and whether the whole path was walked. */
  const find = (path: Path) => {
    let node: unknown = root;
    let key: Node | undefined;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => keyText(item.key) === String(step));
        if (pair === undefined) return { node, key, whole: false };
        key = pair.key as Node;
        node = pair.value;
      } else if (isSeq(node) && node.items[Number(step)] !== undefined) {
        node = node.items[Number(step)];
        key = node as Node;
      } else return { node, key, whole: false };
    }
    return { node, key, whole: true };
  };
  const start = (node: unknown): number => (node as Node | undefined | null)?.range?.[0] ?? 0;
  return {
    value,
    written: value,
    problem: (path, message) => {
      const { node, key, whole } = find(path);
      return offset(whole && node !== null ? start(node) : start(key), message);
    },
    keyProblem: (path, message) => offset(start(find(path).key), message),
  };
}
