/** A session's journal as steps that a person follows: a call with all that became of it is one, everything else stands alone. */
import type { Entry, EntryKind } from '../domain/journal.ts';
import { isObject, type JsonValue } from '../domain/json.ts';

/** What became of a step. `note` is no call. */
export type Became =
  | 'done'
  | 'failed'
  | 'withheld'
  | 'under way'
  | 'held'
  | 'approved'
  | 'denied'
  | 'lapsed'
  | 'refused'
  | 'recorded'
  | 'note';

export interface Step {
  /** Undefined of what is no call. */
  readonly call: string | undefined;
  /** In order; the first says since when. */
  readonly entries: readonly [Entry, ...Entry[]];
  readonly became: Became;
  /** In the words of `targetOf`, or the kind of its entry. */
  readonly title: string;
  readonly effect: string | undefined;
  /** One word more: the outcome, or why it was refused. */
  readonly word: string | undefined;
  readonly hold: string | undefined;
  /** From its intent to its outcome, milliseconds since the epoch; undefined where nothing was sent, or it is not over. */
  readonly ran: { readonly from: number; readonly to: number } | undefined;
}

export function stepsOf(entries: readonly Entry[]): readonly Step[] {
  const groups = new Map<string, [Entry, ...Entry[]]>();
  const placedBy = new Map<string, string>();
  for (const entry of entries) {
    const hold = textIn(entry, 'hold');
    if (entry.kind === 'held' && entry.call !== undefined && hold !== undefined) placedBy.set(hold, entry.call);
    const asked = hold === undefined || entry.kind === 'intent' ? undefined : placedBy.get(hold);
    const key = entry.call ?? asked ?? `entry ${entry.seq}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()].map(stepOf);
}

function stepOf(entries: readonly [Entry, ...Entry[]]): Step {
  const [first] = entries;
  const find = (kind: EntryKind): Entry | undefined => entries.find((entry) => entry.kind === kind);
  const [intent, outcome, refused, held] = [find('intent'), find('outcome'), find('refused'), find('held')];
  const said = intent ?? held ?? refused;
  const of = { entries, title: titleOf(said ?? first), effect: said && textIn(intent ?? held ?? said, 'effect') };
  const hold = entries.map((entry) => textIn(entry, 'hold') ?? grantOf(entry)).find((id) => id !== undefined);
  const ran = intent && outcome && { from: intent.at, to: outcome.at };
  const word = textIn(outcome, 'outcome') ?? textIn(refused, 'reason');
  const became = becameOf(intent, outcome, refused, held, entries);
  return { ...of, call: first.call, hold, ran, word, became };
}

function becameOf(
  intent: Entry | undefined,
  outcome: Entry | undefined,
  refused: Entry | undefined,
  held: Entry | undefined,
  entries: readonly Entry[],
): Became {
  if (outcome !== undefined) return OUTCOMES[textIn(outcome, 'outcome') ?? ''] ?? 'withheld';
  if (intent !== undefined) return 'under way';
  const reason = textIn(refused, 'reason');
  if (reason === 'repeated') return 'recorded';
  if (reason === 'held' || held !== undefined) return answerIn(entries);
  return refused === undefined ? 'note' : 'refused';
}

/** What became of what was asked, as far as it is told here: a call that ran on it later is a step of its own. */
function answerIn(entries: readonly Entry[]): Became {
  const last = entries.findLast(({ kind, body }) => kind === 'decided' || body['state'] === 'lapsed');
  if (last === undefined) return 'held';
  if (last.kind !== 'decided') return 'lapsed';
  return last.body['verdict'] === 'approve' ? 'approved' : 'denied';
}

const OUTCOMES: Readonly<Record<string, Became>> = { ok: 'done', tool_error: 'failed', rpc_error: 'failed' };

const titleOf = (entry: Entry): string =>
  textIn(entry, 'target') ?? stateWords(entry) ?? TITLES[entry.kind] ?? entry.kind;

const stateWords = (entry: Entry): string | undefined =>
  entry.kind === 'state' ? `it became ${textIn(entry, 'to') ?? 'another'}` : undefined;

const TITLES: Readonly<Partial<Record<EntryKind, string>>> = {
  opened: 'the session was opened',
  decided: 'a person answered',
  event: 'the agent noted an event',
  reported: 'the agent reported spend',
  stopped: 'a person stopped something',
  lifted: 'a stop was lifted',
  asked: 'a server asked',
  answered: 'a question was answered',
  outcome: 'a call that began earlier ended',
  held: 'a hold lapsed',
};

/** The hold whose grant a call used. */
function grantOf({ kind, body }: Entry): string | undefined {
  const { grant } = body;
  return kind === 'intent' && isObject(grant) && typeof grant['hold'] === 'string' ? grant['hold'] : undefined;
}

function textIn(entry: Entry | undefined, key: string): string | undefined {
  const value: JsonValue | undefined = entry?.body[key];
  return typeof value === 'string' ? value : undefined;
}

/** Where a step stands on a line of 1000, and how long it is there. */
export interface Bar {
  readonly from: number;
  readonly length: number;
}

const WIDTH = 1000;
const LEAST = 6;

/**
 * Steps in time, on one line. Time passes by its logarithm, so that a call of milliseconds and an hour of waiting can both be
 * seen: bars say what came before what and what lasted longer, not how much.
 */
export function waterfall(steps: readonly Step[]): readonly Bar[] {
  const spans = steps.map(({ entries, ran }) => ran ?? { from: entries[0].at, to: entries[0].at });
  const moments = [...new Set(spans.flatMap(({ from, to }) => [from, to]))].toSorted((a, b) => a - b);
  const places = new Map<number, number>();
  let place = 0;
  for (const [at, moment] of moments.entries()) {
    place += Math.log1p(moment - (moments[at - 1] ?? moment));
    places.set(moment, place);
  }
  const scale = (WIDTH - LEAST) / (place || 1);
  return spans.map(({ from, to }) => {
    const [start, end] = [(places.get(from) ?? 0) * scale, (places.get(to) ?? 0) * scale];
    return { from: Math.round(start), length: Math.round(Math.max(LEAST, end - start)) };
  });
}
