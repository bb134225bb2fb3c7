/**
 * "Make it a rule": what people always approved, as lines of the policy that allow exactly that. A proposal for a person to
 * take over; it is shown only where the file with it loads, its tests pass, and it says allow of the very calls.
 */
import { basename } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { fileAt, problemText } from '../../document/document.ts';
import { withItems, withList } from '../../document/edit-yaml.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import { namesOf } from '../../domain/names.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { type LoadedPolicy, loadPolicy, loadUntested, type PolicySource } from '../file/load.ts';
import { worstOf } from '../judge/effects.ts';
import { inFolder } from '../learn/learn.ts';
import { flow } from '../learn/text.ts';
import type { RecordedCall } from '../replay/recorded-call.ts';
import { replay } from '../replay/replay.ts';
import { declaredBy } from '../schema/schema-walk.ts';
import { approvedCases } from './approved-cases.ts';

export interface Suggesting {
  readonly source: PolicySource;
  /** As a need names it: `server.tool.approval`, `server.tool.cases.ID`. */
  readonly rule: string;
  /** Those that ran because people approved them, by this rule. */
  readonly approved: readonly RecordedCall[];
  /** All of the sessions that they are of. */
  readonly calls: readonly RecordedCall[];
  readonly dirOf: (session: string) => string;
}

export interface Suggestion {
  /** The file's whole text with it. */
  readonly text: string;
  /** Unified, to be copied. */
  readonly diff: string;
  readonly calls: number;
  /** Arguments that may then be any text, up to a length. */
  readonly anyText: readonly string[];
}

/** Refused with a sentence without a full stop. */
export function suggest({ source, rule, approved, calls, dirOf }: Suggesting): Result<Suggestion, string> {
  const [first] = approved;
  if (first === undefined) return refuse('nothing that was approved by this rule has run');
  const base = loadUntested(source);
  if (!base.ok) return refuse(base.error.map(problemText).join('; '));
  const place = placeOf(base.value, source, first.target, rule);
  if (!place.ok) return place;
  const given = approved.map((call) => inFolder(call.arguments ?? {}, dirOf(call.session)));
  if (approved.some((call) => call.arguments === undefined)) return refuse('the arguments of a call were not kept');
  const others = otherArguments(base.value, first.target, given[0] ?? {});
  if (!others.ok) return others;
  const cases = approvedCases(given, place.value.held);
  if (!cases.ok) return cases;
  const items = cases.value.cases.map(flow);
  const { path, at } = place.value;
  const text =
    at === undefined
      ? withList(source.text, path, 'cases', items)
      : withItems(source.text, [...path, 'cases', at], items);
  if (text === undefined) return refuse(`${source.file} does not say where this rule stands`);
  const wrong = wrongWith(text, { source, approved, calls, dirOf });
  if (wrong !== undefined) return refuse(wrong);
  const name = basename(source.file);
  const diff = createTwoFilesPatch(`a/${name}`, `b/${name}`, source.text, text, undefined, undefined, { context: 3 });
  return ok({ text, diff: withoutRuler(diff), calls: approved.length, anyText: cases.value.anyText });
}

/** `patch` and `git apply` need no line of equals signs. */
const withoutRuler = (diff: string): string => diff.replace(/^=+\n/, '');

interface Place {
  readonly path: readonly [string, string];
  /** Which of its cases; undefined: its approval holds every call. */
  readonly at: number | undefined;
  readonly held: Parameters<typeof approvedCases>[1];
}

function placeOf(
  { profile, document }: LoadedPolicy,
  { file }: PolicySource,
  target: string,
  rule: string,
): Result<Place, string> {
  const policy = profile.tools.get(target);
  const tools = document.written['tools'];
  const tool = isObject(tools) ? tools[target] : undefined;
  const isOfTool = rule === `${target}.approval` || rule.startsWith(`${target}.cases.`);
  if (!isOfTool || policy === undefined)
    return refuse('only what a tool’s own approval or case asks can be made a case of that tool');
  if (!isObject(tool))
    return refuse('the rule stands at a pattern of several tools: write one for this tool alone first');
  const path = ['tools', target] as const;
  if (fileAt(document, path) !== file) return refuse(`the rule stands in ${fileAt(document, path)}, which is included`);
  const cases = Array.isArray(tool['cases']) ? (tool['cases'] as readonly JsonObject[]) : [];
  const at = cases.findIndex((one) => rule === `${target}.cases.${String(one['id'])}`);
  if (cases.length > 0 && at === -1) return refuse('the policy does not have this rule any more');
  const own = cases[at];
  const effect = own?.['effect'];
  if (worstOf([policy.contract.effect, policy.worst]) === 'irreversible' && effect === undefined)
    return refuse('what cannot be undone is always asked for');
  if (effect === 'irreversible') return refuse('what cannot be undone is always asked for');
  const ids = cases.map((one) => String(one['id'])).filter((id) => id !== String(own?.['id']));
  return ok({ path, at: at === -1 ? undefined : at, held: { case: own, ids } });
}

/** No case can say that an argument is not given, so each that the tool takes must be known. */
function otherArguments({ profile }: LoadedPolicy, target: string, given: JsonObject): Result<void, string> {
  const [server = ''] = target.split('.', 1);
  const definitions = profile.lock?.servers.get(server)?.definitions ?? [];
  const definition = definitions.find((one) => one.kind === 'tool' && `${server}.${one.name}` === target);
  if (definition === undefined)
    return refuse('what else the tool takes is not known: pin its server first (tollgate policy pin)');
  const declared = declaredBy(definition.inputSchema);
  if (declared.open || declared.patterns.length > 0)
    return refuse('the tool takes arguments that nobody has named, and no case can say that they are not given');
  const unseen = [...declared.names].filter((name) => !Object.hasOwn(given, name));
  return unseen.length === 0
    ? ok(undefined)
    : refuse(`the tool also takes ${unseen.join(', ')}, and no case can say that it is not given`);
}

/** Why the file with it is not what it should be; undefined where it is. */
function wrongWith(text: string, { source, approved, calls, dirOf }: Omit<Suggesting, 'rule'>): string | undefined {
  const loaded = loadPolicy({ ...source, text });
  if (!loaded.ok) return `the file with it would not load: ${loaded.error.map(problemText).join('; ')}`;
  const names = namesOf(loaded.value);
  if (!names.ok) return names.error.join('; ');
  const ids = new Set(approved.map(({ call }) => call));
  const said = replay(calls, { profile: loaded.value, names: names.value, dirOf }).filter(({ call }) =>
    ids.has(call.call),
  );
  const other = said.find(({ would }) => would !== 'allow');
  if (other !== undefined)
    return `with it a call that was approved would still not be allowed, by ${other.rules.join(', ') || 'what is not kept'}`;
  return said.length === ids.size ? undefined : 'not all of these calls are on record';
}
