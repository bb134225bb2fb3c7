/** The rules of the tree that its text alone can show: who may import whom, and what a file may be. */
import { posix } from 'node:path';

/** Source files: their paths from the root of the repository, with slashes, and their texts. */
export type Tree = ReadonlyMap<string, string>;

export interface Plan {
  /** The folders and single files directly in `src`, and the floor each stands on. */
  readonly floors: Readonly<Record<string, number>>;
  /** The folder of `src` that a library lives in, or `anywhere`. */
  readonly homes: Readonly<Record<string, string>>;
}

const LONGEST_FILE = 300;
const LONGEST_STAGE = 99;
const BANNED = new Set(['utils', 'helpers', 'common', 'manager', 'service', 'handler', 'data', 'info']);

/** Each breach as one line that begins with the path. None for a sound tree. */
export function breaches(tree: Tree, plan: Plan): readonly string[] {
  const found: string[] = [];
  for (const [path, text] of tree) {
    found.push(...breachesOfFile(path, text));
    if (path.startsWith('servers/')) found.push(...breachesOfServer(path, importsOf(path, text)));
    if (path.startsWith('src/')) found.push(...breachesOfFloors(path, importsOf(path, text), plan));
  }
  return [...found, ...cycles(tree)];
}

function* breachesOfFile(path: string, text: string): Generator<string> {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > LONGEST_FILE) yield `${path} has ${lines} lines, over ${LONGEST_FILE}`;
  if (path.startsWith('src/stages/') && lines > LONGEST_STAGE) {
    yield `${path} is a stage of ${lines} lines, over ${LONGEST_STAGE}`;
  }
  for (const word of path.split(/[/.-]/)) if (BANNED.has(word)) yield `${path} bears the banned name ${word}`;
  if (/^export\s+default\b|^export\s*\{[^}]*\bas\s+default\b/m.test(text)) yield `${path} has a default export`;
}

function* breachesOfServer(path: string, imports: readonly Import[]): Generator<string> {
  for (const { file } of imports) {
    if (file?.startsWith('src/')) yield `${path} is a program of its own and may not import ${file}`;
  }
}

function* breachesOfFloors(path: string, imports: readonly Import[], plan: Plan): Generator<string> {
  const own = unitOf(path);
  const floor = plan.floors[own];
  if (floor === undefined) return yield `${path} stands on no floor of the plan`;
  for (const { file, library } of imports) {
    if (library !== undefined) {
      const home = plan.homes[library];
      if (home !== 'anywhere' && home !== own)
        yield `${path} imports ${library}, whose home is ${home ?? 'not in the plan'}`;
    } else if (file === 'package.json') {
      // The product's own name and version.
    } else if (!file?.startsWith('src/')) {
      yield `${path} imports ${file}, which is not in src`;
    } else if (unitOf(file) !== own && (plan.floors[unitOf(file)] ?? floor) >= floor) {
      yield `${path} on floor ${floor} imports ${file}, which is not below it`;
    }
  }
}

/** What a file imports: a file of the repository, or a library by its package's name. Node's own modules are left out. */
interface Import {
  readonly file?: string;
  readonly library?: string;
}

/** Static imports and re-exports begin a line, as the formatter leaves them; `import()` may stand anywhere, in types too. */
const STATIC = /^(?:import|export)\s+(?:[\w$*{},\s]+?\s+from\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g;

function importsOf(path: string, text: string): readonly Import[] {
  const specifiers = [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)].map((match) => match[1] ?? '');
  return specifiers.flatMap((specifier): readonly Import[] => {
    if (specifier.startsWith('node:')) return [];
    if (specifier.startsWith('.')) return [{ file: posix.join(posix.dirname(path), specifier) }];
    return [{ library: specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/') }];
  });
}

/** `src/wire/modern.ts` belongs to `wire`, `src/pipeline.ts` to itself. */
const unitOf = (path: string): string => path.split('/')[1] ?? '';

/** Each import that closes a ring of files. */
function cycles(tree: Tree): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    const text = tree.get(path);
    if (done.has(path) || text === undefined) return;
    done.add(path);
    for (const { file } of importsOf(path, text)) if (file !== undefined) walk(file, [...trail, path]);
  };
  for (const path of tree.keys()) walk(path, []);
  return found;
}
