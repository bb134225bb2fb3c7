/** The tools that a policy's keys stand for, as the lock has them. */

import type { YamlDocument } from '../../document/document.ts';
import { membersOf } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { type Definition, targetOf } from '../../domain/contract.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import type { Lock } from '../../domain/lock.ts';
import { expanded, isPattern } from '../file/patterns.ts';
import { listOf, quoted } from '../judge/rule-words.ts';
import { declaredBy, unfit } from '../schema/schema-walk.ts';
import { memberOf, valuesOf } from './schema-values.ts';
import { ALL, NONE, type ValueSet } from './value-set.ts';

export interface LockedTool {
  /** `server.tool`. */
  readonly target: string;
  readonly definition: Definition;
}

/** By name; only those whose schema can be read: the others cannot be called. */
export function lockedTools(lock: Lock): ReadonlyMap<string, LockedTool> {
  const definitions = [...lock.servers.values()].flatMap((server) => server.definitions);
  const tools = definitions.filter((one) => one.kind === 'tool' && unfit(one.inputSchema) === undefined);
  return new Map(tools.map((definition) => [targetOf(definition), { target: targetOf(definition), definition }]));
}

/** The locked tools that each key of `tools` stands for. None where a key is wrong: that is told where keys are read. */
export function toolsByKey(
  document: YamlDocument,
  locked: ReadonlyMap<string, LockedTool>,
): ReadonlyMap<string, readonly LockedTool[]> {
  const keys = membersOf(document, 'tools').map(([key]) => key);
  const meant = (key: string): readonly string[] => {
    if (!isPattern(key)) return [key];
    const [server = ''] = key.split('.', 1);
    const names = [...locked.values()].flatMap(({ definition }) =>
      definition.server === server ? [definition.name] : [],
    );
    const matching = expanded(key.slice(server.length + 1), names);
    // What is also written by its own name is judged by that.
    return matching.ok ? matching.value.map((name) => `${server}.${name}`).filter((name) => !keys.includes(name)) : [];
  };
  return new Map(keys.map((key) => [key, meant(key).flatMap((name) => locked.get(name) ?? [])]));
}

/** What a place in a call's arguments or output can hold, or why there is no such place. */
export type Place = { readonly set: ValueSet; readonly wrong?: undefined } | { readonly wrong: string };

/** The place of these names (`refund`; `customer`, `id`), the first an argument. `wrong` follows "the tool". */
export const argumentOf = ({ definition }: LockedTool, names: readonly string[]): Place =>
  placeIn(definition.inputSchema, names, 'argument', 'takes');

/** The place of these names in what a tool answers, as `schema` describes that. */
export const outputOf = (schema: JsonObject, names: readonly string[]): Place =>
  unfit(schema) === undefined ? placeIn(schema, names, 'output', 'answers') : { set: ALL };

function placeIn(schema: JsonObject, names: readonly string[], what: string, does: string): Place {
  const [first = '', ...rest] = names;
  const declared = declaredBy(schema);
  if (!declared.open && declared.patterns.length === 0 && !declared.names.has(first)) {
    const hint = didYouMean(first, declared.names) || `; it ${does} ${listOf([...declared.names].map(quoted))}`;
    return { wrong: `has no ${what} "${first}"${hint}` };
  }
  let set = memberOf(valuesOf(schema), first);
  for (const name of rest) {
    const known = set.get('object')?.names;
    if (known?.has(name) === false)
      return {
        wrong: `has no member "${name}" there${didYouMean(name, known) || `; it has ${listOf([...known].map(quoted))}`}`,
      };
    if (set.size > 0 && !set.has('object')) return { wrong: `has no members there: "${name}" is none` };
    set = set.size === 0 ? NONE : memberOf(set, name);
  }
  return { set };
}

/** What a policy itself says of a tool's output, where it does. */
export function saidOutput(part: unknown): JsonObject | undefined {
  const output = isObject(part) ? part['output'] : undefined;
  const schema = isObject(output) ? output['schema'] : undefined;
  return isObject(schema) ? schema : undefined;
}
