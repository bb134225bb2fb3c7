/** Reads a lock file: strict, every problem at once, and only what Tollgate itself has written. */
import type { z } from 'zod';
import { inOrder, type Path, type Problem } from '../../document/document.ts';
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
export function readLock(source: Source): Result<Lock, readonly Problem[]> {
  const { file, text } = source;
  const broken = (message: string) => refuse([{ file, line: 1, column: 1, message }]);
  if (Buffer.byteLength(text) > LARGEST_BYTES) return broken('the file is larger than 32 MiB');
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    return refuse([syntaxProblem(source, error)]);
  }
  if (isDeeper(value, DEEPEST)) return broken(`nested deeper than ${DEEPEST} levels`);
  const parsed = lockShape.safeParse(value);
  if (!parsed.success) return refuse(placed(source, value, parsed.error.issues.flatMap(wrongOf)));
  const { servers, seal } = parsed.data;
  const read = Object.entries(servers).map(([name, server]) => [name, readServer(name, server)] as const);
  const wrong = read.flatMap(([, { found }]) => found);
  if (wrong.length > 0) return refuse(placed(source, value, wrong));
  if (seal !== sealOf(servers)) {
    return refuse(
      placed(source, value, [{ path: ['seal'], message: byHand('the seal is not that of the servers below') }]),
    );
  }
  // What a person reads in the file is what is loaded: no member twice, none in another order or form.
  if (text.replaceAll('\r\n', '\n') !== writtenText(servers))
    return broken(byHand('this is not as Tollgate writes it'));
  return ok({ file, text, digest: sha256(text), servers: new Map(read.map(([name, { server }]) => [name, server])) });
}

const byHand = (what: string): string =>
  `${what}: a lock file is not edited by hand; take the change back, then see tollgate policy accept --pins`;

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
    ...(written.package === undefined ? {} : { package: written.package }),
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

/** Each at the line and column of its place, where the file has the form that Tollgate gives it; else at the first. */
function placed({ file, text }: Source, value: JsonValue, wrong: readonly Wrong[]): readonly Problem[] {
  return inOrder(
    wrong.map(({ path, message }) => {
      const marked = JSON.stringify(withMark(value, path), null, 2);
      const before = marked.slice(0, marked.indexOf(JSON.stringify(MARK)));
      if (text.startsWith(before)) return { file, ...endOf(before), message };
      return { file, line: 1, column: 1, message: `${path.map(String).join('.')}: ${message}` };
    }),
  );
}

const MARK = 'the place that is looked for';

/** The value with a mark in place of what stands at `path`, or of the nearest that holds the place. */
function withMark(value: JsonValue | undefined, [step, ...rest]: Path): JsonValue {
  if (typeof value !== 'object' || value === null || step === undefined) return MARK;
  if (!Object.hasOwn(value, step)) return MARK;
  if (Array.isArray(value)) return value.with(Number(step), withMark(value[Number(step)], rest));
  const object = value as JsonObject;
  return { ...object, [String(step)]: withMark(object[String(step)], rest) };
}

function endOf(text: string): Pick<Problem, 'line' | 'column'> {
  const lines = text.split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function syntaxProblem({ file, text }: Source, error: unknown): Problem {
  const said = error instanceof Error ? error.message : String(error);
  const at = Number(/at position (\d+)/.exec(said)?.[1] ?? text.length);
  return { file, ...endOf(text.slice(0, at)), message: 'no valid JSON; expected what tollgate policy pin writes' };
}
