/** `shows` against what both tools take: the names in it, their types, and what the reading tool cannot do without. */
import type { Path } from '../../document/document.ts';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { argumentNamed } from '../history/history-shape.ts';
import { listOf, quoted } from '../judge/rule-words.ts';
import { writtenShows } from '../shows/shows.ts';
import { argumentOf, type LockedTool } from './locked-tools.ts';
import type { Misfit } from './rule-problems.ts';
import { admits, meet } from './value-set.ts';
import { valueWords } from './value-words.ts';

/** What is wrong in the `shows` of one tool, whose part of the policy stands at `path`. */
export function showsMisfits(
  part: JsonObject,
  tool: LockedTool,
  locked: ReadonlyMap<string, LockedTool>,
  path: Path,
): readonly Misfit[] {
  const written = writtenShows(part);
  const reader = written && locked.get(written.tool);
  if (written === undefined || reader === undefined) return [];
  const at = [...path, 'shows'];
  const given = Object.entries(written.arguments).flatMap(([name, value]) =>
    argumentMisfits(name, value, tool, reader, [...at, 'arguments', name]),
  );
  return [...given, ...missing(reader, written.arguments, at)];
}

function argumentMisfits(
  name: string,
  value: JsonValue | undefined,
  tool: LockedTool,
  reader: LockedTool,
  path: Path,
): readonly Misfit[] {
  const taken = argumentOf(reader, [name]);
  if (taken.wrong !== undefined) return [{ path, of: 'key', message: `${reader.target} ${taken.wrong}` }];
  const names = typeof value === 'string' ? argumentNamed(value) : undefined;
  const told = (message: string): readonly Misfit[] => [{ path, of: 'value', message }];
  if (names === undefined) {
    if (value === undefined || taken.set.size === 0 || admits(taken.set, value)) return [];
    return told(`${reader.target} never takes ${JSON.stringify(value)} here: it takes ${valueWords(taken.set)}`);
  }
  const own = argumentOf(tool, names);
  if (own.wrong !== undefined) return told(`${tool.target} ${own.wrong}`);
  if (taken.set.size === 0 || own.set.size === 0 || meet(taken.set, own.set).size > 0) return [];
  return told(
    `${reader.target} never takes this: ${names.join('.')} is ${valueWords(own.set)}, and it takes ${valueWords(taken.set)}`,
  );
}

function missing(reader: LockedTool, given: JsonObject, path: Path): readonly Misfit[] {
  const { required } = reader.definition.inputSchema;
  const lacking = (Array.isArray(required) ? required : []).filter(
    (name) => typeof name === 'string' && !Object.hasOwn(given, name),
  );
  if (lacking.length === 0) return [];
  return [
    { path, of: 'key', message: `${reader.target} needs ${listOf(lacking.map((name) => quoted(String(name))))}` },
  ];
}
