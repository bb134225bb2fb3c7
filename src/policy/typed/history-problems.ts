/** Rules over earlier calls against what both tools take and answer: the names in them, and whether they can be met. */
import type { Path } from '../../document/document.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { argumentOf, type LockedTool, outputOf, type Place } from './locked-tools.ts';
import { type Misfit, ruleMisfits } from './rule-problems.ts';
import { admits, meet } from './value-set.ts';
import { valueWords } from './value-words.ts';

/** What is known of an earlier call's tool: as it is locked, and what the policy says of its output. */
export type EarlierTool = (
  target: string,
) => { readonly tool: LockedTool; readonly output: JsonObject | undefined } | undefined;

/** What is wrong in the rules over earlier calls of one tool, whose part of the policy stands at `path`. */
export function historyMisfits(
  part: JsonObject,
  tool: LockedTool,
  earlier: EarlierTool,
  path: Path,
): readonly Misfit[] {
  const rules = (key: string) =>
    (Array.isArray(part[key]) ? part[key] : []).flatMap((one, at) =>
      isObject(one) ? [{ rule: one, at: [...path, key, at] }] : [],
    );
  const asked = (key: 'after' | 'not_after') =>
    rules(key).flatMap(({ rule, at }) => whereMisfits(rule, String(rule['tool']), tool, earlier, at, key === 'after'));
  return [
    ...asked('after'),
    ...asked('not_after'),
    ...rules('limits').flatMap(({ rule, at }) => [
      ...whereMisfits(rule, tool.target, tool, earlier, at, false),
      ...sumMisfits(rule, tool, [...at, 'sum']),
    ]),
  ];
}

function whereMisfits(
  rule: JsonObject,
  target: string,
  tool: LockedTool,
  earlier: EarlierTool,
  at: Path,
  certain: boolean,
): readonly Misfit[] {
  const known = earlier(target);
  const where = rule['where'];
  if (known === undefined || !isObject(where)) return [];
  return Object.entries(where).flatMap(([field, wanted]): readonly Misfit[] => {
    const path = [...at, 'where', field];
    const left = placeOf(field, known);
    if (left === undefined) return [];
    if (left.wrong !== undefined) return [{ path, of: 'key', message: `"${field}": ${target} ${left.wrong}` }];
    const right = argumentNamed(wanted);
    if (right === undefined) return literalMisfits(wanted, left.set, path, certain);
    const own = argumentOf(tool, right);
    if (own.wrong !== undefined) return [{ path, of: 'value', message: `${tool.target} ${own.wrong}` }];
    if (left.set.size === 0 || own.set.size === 0 || meet(left.set, own.set).size > 0) return [];
    const message = `never the same: ${field} of ${target} is ${valueWords(left.set)}, and ${right.join('.')} here ${valueWords(own.set)}`;
    return [{ path, of: 'value', message }];
  });
}

/** A field of the earlier call; undefined for a text that names none: that is told where rules are read. */
function placeOf(
  field: string,
  { tool, output }: { readonly tool: LockedTool; readonly output: JsonObject | undefined },
): Place | undefined {
  const [side, ...names] = field.split('.');
  if (names.length === 0 || names.includes('')) return undefined;
  if (side === 'arguments') return argumentOf(tool, names);
  if (side !== 'output') return undefined;
  const schema = tool.definition.outputSchema ?? output;
  return schema === undefined
    ? { wrong: 'declares no output schema: say output.schema of it in this policy' }
    : outputOf(schema, names);
}

const argumentNamed = (written: JsonValue | undefined): readonly string[] | undefined =>
  typeof written === 'string' ? /^\$\{arguments\.([^{}]+)\}$/.exec(written)?.[1]?.split('.') : undefined;

function literalMisfits(
  wanted: JsonValue | undefined,
  set: Extract<Place, { readonly wrong?: undefined }>['set'],
  path: Path,
  certain: boolean,
): readonly Misfit[] {
  if (isObject(wanted)) return ruleMisfits(wanted, set, path, { certain, excluded: false });
  if (wanted === undefined || set.size === 0 || admits(set, wanted)) return [];
  return [{ path, of: 'value', message: `never ${JSON.stringify(wanted)}: it is ${valueWords(set)}` }];
}

function sumMisfits(rule: JsonObject, tool: LockedTool, path: Path): readonly Misfit[] {
  const names = argumentNamed(rule['sum']);
  if (names === undefined) return [];
  const summed = argumentOf(tool, names);
  if (summed.wrong !== undefined) return [{ path, of: 'value', message: `${tool.target} ${summed.wrong}` }];
  if (summed.set.size === 0 || summed.set.has('number')) return [];
  return [
    { path, of: 'value', message: `expected the name of a number: ${names.join('.')} is ${valueWords(summed.set)}` },
  ];
}
