/** Reads a lock file: strict, every problem at once, and only what Tollgate itself has written. */
import type { z } from 'zod';
import { inOrder, type Path, type Problem, readYaml } from '../../document/document.ts';
import type { Source } from '../../document/source.ts';
import type { Definition } from '../../domain/contract.ts';
import { canonical, isDeeper, type JsonObject, type JsonValue, sha256 } from '../../domain/json.ts';
import type { Lock, LockedServer } from '../../domain/lock.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { definitionOf, pinOf } from './definition-of.ts';
import { lockShape, sealOf, type WrittenServer, writtenText } from './lock-shape.ts';
import { unshowable } from './unshowable.ts';

const LARGEST_BYTES = 32 * 1024 * 1024;
const DEEPEST = 80;

/** `policies/NAME.lock.json` for `policies/NAME.yaml`. */
export const lockFileOf = (policy: string): string => policy.replace(/(?:\.ya?ml)?$/i, '.lock.json');

interface Wrong {
  readonly path: Path;
  readonly message: string;
}

/** The lock that a file holds, or every problem in it, each with its place. */
export function readLock({ file, text }: Source): Result<Lock, readonly Problem[]> {
  const broken = (message: string) => refuse([{ file, line: 1, column: 1, message }]);
  if (Buffer.byteLength(text) > LARGEST_BYTES) return broken('the file is larger than 32 MiB');
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    return refuse([syntaxProblem(file, text, error)]);
  }
  if (isDeeper(value, DEEPEST)) return broken(`nested deeper than ${DEEPEST} levels`);
  const parsed = lockShape.safeParse(value);
  if (!parsed.success) return refuse(placed(file, text, parsed.error.issues.flatMap(wrongOf)));
  const { servers, seal } = parsed.data;
  const read = Object.entries(servers).map(([name, server]) => [name, readServer(name, server)] as const);
  const wrong = read.flatMap(([, { found }]) => found);
  if (wrong.length > 0) return refuse(placed(file, text, wrong));
  if (seal !== sealOf(servers)) {
    return refuse(
      placed(file, text, [{ path: ['seal'], message: byHand('the seal is not that of the servers below') }]),
    );
  }
  // What a person reads in the file is what is loaded: no member twice, none in another order or form.
  if (text.replaceAll('\r\n', '\n') !== writtenText(servers))
    return broken(byHand('this is not as Tollgate writes it'));
  return ok({ file, text, digest: sha256(text), servers: new Map(read.map(([name, { server }]) => [name, server])) });
}

const byHand = (what: string): string =>
  `${what}: a lock file is not edited by hand; take the change back, or remove the file and run tollgate policy pin`;

function readServer(
  name: string,
  written: WrittenServer,
): { readonly server: LockedServer; readonly found: readonly Wrong[] } {
  const found: Wrong[] = [];
  const definitions = (['tool', 'prompt'] as const).flatMap((kind) =>
    definitionsIn(name, kind, written[`${kind}s`], found),
  );
  const templates = written.templates.map(({ pin, entry }, at) => {
    const path = ['servers', name, 'templates', at];
    if (pinOf(entry as JsonObject) !== pin) found.push({ path: [...path, 'pin'], message: otherText });
    const odd = typeof entry['uriTemplate'] === 'string' ? unshowable(entry as JsonObject) : 'it has no uriTemplate';
    if (odd !== undefined) found.push({ path: [...path, 'entry'], message: odd });
    return entry as JsonObject;
  });
  const server: LockedServer = {
    instructions: written.instructions,
    definitions,
    templates,
    pages: new Map(Object.entries(written.pages)),
    reached: written.reached === undefined ? undefined : canonical(written.reached as JsonObject),
    ...(written.era === undefined ? {} : { era: written.era }),
  };
  return { server, found };
}

const otherText = byHand('the pin is not that of the entry beside it');

function definitionsIn(
  server: string,
  kind: Definition['kind'],
  written: WrittenServer['tools'],
  found: Wrong[],
): readonly Definition[] {
  const names = new Set<string>();
  return written.flatMap(({ pin, entry }, at) => {
    const path = ['servers', server, `${kind}s`, at];
    const definition = definitionOf(server, kind, entry as JsonObject);
    if (!definition.ok) {
      found.push({ path: [...path, 'entry'], message: definition.error });
      return [];
    }
    const { name } = definition.value;
    if (definition.value.pin !== pin) found.push({ path: [...path, 'pin'], message: otherText });
    if (names.has(name))
      found.push({ path: [...path, 'entry', 'name'], message: `the ${kind} ${name} stands twice here` });
    names.add(name);
    return [definition.value];
  });
}

const wrongOf = (issue: z.core.$ZodIssue): readonly Wrong[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key], message: `unknown key "${key}"` }))
    : [{ path: issue.path, message: issue.message }];

/** JSON is YAML: the reader of policies finds the places. */
function placed(file: string, text: string, wrong: readonly Wrong[]): readonly Problem[] {
  const document = readYaml(file, text);
  return inOrder(
    wrong.map(({ path, message }) =>
      document.ok
        ? document.value.problem(path, message)
        : { file, line: 1, column: 1, message: `${path.map(String).join('.')}: ${message}` },
    ),
  );
}

function syntaxProblem(file: string, text: string, error: unknown): Problem {
  const said = error instanceof Error ? error.message : String(error);
  const at = Number(/at position (\d+)/.exec(said)?.[1] ?? text.length);
  const before = text.slice(0, at).split('\n');
  const message = `no valid JSON; expected what tollgate policy pin writes`;
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message };
}
