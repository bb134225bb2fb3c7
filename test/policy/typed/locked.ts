/** Locks for tests: what the published servers list, and servers made up. */
import { readFileSync } from 'node:fs';
import { inOrder, type Problem, problemText, readYaml } from '../../../src/document/document.ts';
import { canonical, type JsonObject } from '../../../src/domain/json.ts';
import type { Lock, LockedServer } from '../../../src/domain/lock.ts';
import { typedProblems } from '../../../src/policy/typed/typed-problems.ts';
import { definitionOf } from '../policy-text.ts';

/** Servers by name, each with entries as `tools/list` answers them, and the command that each was started by. */
export function lockOf(
  servers: Readonly<Record<string, readonly JsonObject[]>>,
  commands: Readonly<Record<string, string>> = {},
): Lock {
  const lockedServer = (server: string, tools: readonly JsonObject[]): LockedServer => ({
    instructions: undefined,
    definitions: tools.map(({ inputSchema, ...entry }) => ({
      ...definitionOf(inputSchema as JsonObject, entry),
      server,
      name: String(entry['name']),
    })),
    templates: [],
    pages: new Map(),
    reached: canonical({ command: [commands[server] ?? server] }),
  });
  return {
    file: 'p.lock.json',
    text: '',
    digest: 'sha256:x',
    servers: new Map(Object.entries(servers).map(([name, tools]) => [name, lockedServer(name, tools)])),
  };
}

const listed = (name: string): readonly JsonObject[] =>
  (JSON.parse(readFileSync(new URL(`../locks/${name}.json`, import.meta.url), 'utf8')) as { tools: JsonObject[] })
    .tools;

/** What the reference servers list, as it was read from them. */
export const REFERENCE = lockOf(
  { files: listed('filesystem'), memory: listed('memory'), every: listed('everything') },
  { files: 'a', memory: 'b', every: 'c' },
);

/** What does not fit, without the file's name. Only this: other problems of the text are not told. */
export function misfitsIn(text: string, lock: Lock = REFERENCE): readonly string[] {
  const read = readYaml('p.yaml', text);
  if (!read.ok) throw new Error(read.error.map(problemText).join('\n'));
  const found: Problem[] = [];
  typedProblems(read.value, lock, found);
  return inOrder(found).map((problem) => problemText(problem).replace(/^p\.yaml:/, ''));
}
