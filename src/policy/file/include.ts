/**
 * `include: FILE`, a path relative to the file that says it: FILE is a whole policy, the base. The including file is laid
 * over it key by key: mappings merge, lists and single values replace; `tests` are not inherited, since they were run on
 * the base as it is. The result may only be plainly narrower than the base.
 */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Path, type Problem, readYaml, type YamlDocument } from '../../document/document.ts';
import { readSource, type Source } from '../../document/source.ts';
import type { PolicyTexts } from '../../domain/acceptance.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { lockFileOf } from '../lock/read-lock.ts';

/** A base of a base of a base has none. */
const DEEPEST = 3;

/** Reads a policy file, all that it includes, and its lock file: its own, else that of the nearest base that has one. */
export function readTexts(file: string): Result<PolicyTexts, readonly Problem[]> {
  const first = readSource(file);
  if (!first.ok) return first;
  const files: [Source, ...Source[]] = [first.value];
  for (let last: Source = first.value; ; ) {
    const next = includedBy(last, files);
    if (!next.ok) return next;
    if (next.value === undefined) break;
    last = next.value;
    files.push(last);
  }
  const lock = files.map((one) => lockFileOf(one.file)).find((path) => existsSync(path));
  if (lock === undefined) return ok({ files, lock: undefined });
  const read = readSource(lock);
  return read.ok ? ok({ files, lock: read.value }) : read;
}

/** The file that this one includes. What is wrong with the text itself is told when it is loaded. */
function includedBy(source: Source, above: readonly Source[]): Result<Source | undefined, readonly Problem[]> {
  const read = readYaml(source.file, source.text);
  const said = read.ok ? read.value.value['include'] : undefined;
  if (!read.ok || said === undefined) return ok(undefined);
  const problem = (message: string) => refuse([read.value.problem(['include'], message)]);
  if (typeof said !== 'string' || said === '')
    return problem('expected the path of a policy file, relative to this one');
  const file = resolve(dirname(source.file), said);
  if (above.some((one) => one.file === file)) return problem(`${file} includes itself, through this file`);
  if (above.length > DEEPEST) return problem(`expected at most ${DEEPEST} files that include each other`);
  const base = readSource(file);
  return base.ok ? base : problem(`${file}: ${base.error[0]?.message ?? 'it cannot be read'}`);
}

/** The base with the including file laid over it. A problem is told where its place is written, the including file first. */
export function layOver(base: YamlDocument, over: YamlDocument): YamlDocument {
  const holder = (path: Path): YamlDocument => (depthIn(over, path) >= depthIn(base, path) ? over : base);
  return {
    value: merged(base.value, over.value),
    written: merged(base.written, over.written),
    problem: (path, message) => holder(path).problem(path, message),
    keyProblem: (path, message) => holder(path).keyProblem(path, message),
  };
}

function merged({ tests: _inherited, ...base }: JsonObject, { include: _base, ...over }: JsonObject): JsonObject {
  return mergedMapping(base, over);
}

function mergedMapping(base: JsonObject, over: JsonObject): JsonObject {
  const all: Record<string, JsonValue | undefined> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    all[key] = isObject(below) && isObject(value) ? mergedMapping(below, value) : value;
  }
  return all;
}

/** How many steps of a path a file writes. */
function depthIn({ written }: YamlDocument, path: Path): number {
  let value: unknown = written;
  for (const [depth, step] of path.entries()) {
    const holds = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
    if (!holds) return depth;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return path.length;
}
