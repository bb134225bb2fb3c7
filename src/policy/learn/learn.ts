/**
 * The smallest policy that would have allowed what sessions did, as a file to edit: the servers and contracts as the policy
 * says that they ran under, its rules where they were met, narrowed by what was seen. Calls that it would have denied, had
 * it not only observed, are named and left out.
 */
import { type Problem, problemText } from '../../document/document.ts';
import { copyOf, type JsonObject } from '../../domain/json.ts';
import { namesOf } from '../../domain/names.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { loadPolicy, loadUntested } from '../file/load.ts';
import type { RecordedCall } from '../replay/recorded-call.ts';
import { differs, replay } from '../replay/replay.ts';
import { readable } from '../shown/readable.ts';
import { learnedTests } from './learned-tests.ts';
import type { Learning } from './learning.ts';
import { learnedParts } from './parts.ts';
import { fileText } from './text.ts';

export interface Lesson {
  readonly text: string;
  /** Calls that ran and are not allowed, a line each. */
  readonly leftOut: readonly string[];
}

/**
 * Refused with what is wrong with the best that could be written: that the calls which are learned from are denied by it,
 * or that it does not load. More is inferred first, then less.
 */
export function learn(learning: Learning): Result<Lesson, readonly string[]> {
  const { base, calls, dirOf } = learning;
  const ran = calls.filter((call) => call.ran !== undefined && call.isJudged);
  const denied = deniedAmong(ran, learning);
  const seen = ran.filter((call) => !denied.has(call) && call.ran?.outcome === 'ok' && call.arguments !== undefined);
  if (seen.length === 0) return refuse(['nothing ran in these sessions that a policy could be learned from']);
  const leftOut = [...denied].map(([call, rules]) => leftOutWords(call, rules));
  const local = seen.map((call) => ({ ...call, arguments: inFolder(call.arguments ?? {}, dirOf(call.session)) }));
  let problems: readonly string[] = [];
  for (const infers of [true, false]) {
    const learned = learnedParts({ ...learning, calls: local, infers });
    const untested = fileText(learned, [], leftOut);
    const first = loadUntested({ ...sourceOf(learning, untested), lock: base.profile.lock, servers: learning.servers });
    if (!first.ok) {
      problems = first.error.map(problemText);
      continue;
    }
    const tests = learnedTests(first.value.profile, local, learned);
    for (const text of [fileText(learned, tests, leftOut), untested]) {
      const wrong = wrongWith(text, seen, learning);
      if (wrong.length === 0) return ok({ text, leftOut });
      problems = wrong;
    }
  }
  return refuse(problems);
}

const sourceOf = ({ base }: Learning, text: string) => ({ file: base.profile.file, text });

/** Why a text is not what was to be learned; nothing where it is. */
function wrongWith(text: string, seen: readonly RecordedCall[], learning: Learning): readonly string[] {
  const { base, servers, dirOf } = learning;
  const loaded = loadPolicy({ ...sourceOf(learning, text), lock: base.profile.lock, servers });
  if (!loaded.ok) return loaded.error.map((problem: Problem) => problemText(problem));
  const names = namesOf(loaded.value);
  if (!names.ok) return names.error;
  return replay(seen, { profile: loaded.value, names: names.value, dirOf })
    .filter((one) => differs(one) && (one.would === 'deny' || one.would === 'stop'))
    .map(({ target, rules, reason }) => `${target} would be denied by ${rules.join(', ')}: ${reason}`);
}

/** The arguments with the session's folder as every session has it. */
export function inFolder(given: JsonObject, dir: string): JsonObject {
  const text = JSON.stringify(given).replaceAll(JSON.stringify(dir).slice(1, -1), '/session');
  return copyOf(JSON.parse(text) as JsonObject);
}

/** The calls that the policy would have denied, where it only observed, or says that it denies now; and by which rules. */
function deniedAmong(
  ran: readonly RecordedCall[],
  { base, calls, dirOf }: Learning,
): ReadonlyMap<RecordedCall, readonly string[]> {
  const { profile } = base;
  const names = { tools: new Map<string, string>(), prompts: new Map<string, string>() };
  const replayed = replay(calls, { profile, names, dirOf }).filter(({ would }) => would === 'deny');
  const observed = ran.flatMap((call) => {
    const rules = call.observed.filter(({ would }) => would === 'deny').map(({ rule }) => rule);
    return rules.length === 0 ? [] : [[call, rules] as const];
  });
  const again = replayed.flatMap(({ call, rules }) => (ran.includes(call) ? [[call, rules] as const] : []));
  return new Map([...again, ...observed]);
}

function leftOutWords({ target, at }: RecordedCall, rules: readonly string[]): string {
  const time = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return readable(`${time}  ${target}, denied by ${rules.join(', ')}`).replaceAll(/\s*\n\s*/g, ' ');
}
