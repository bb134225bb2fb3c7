/** What each rule asked of people, how fast they answered, and what they said. */
import type { AskedHold } from './records.ts';

export interface RuleStatistics {
  readonly profile: string;
  /** By id or path, as a need names it. */
  readonly rule: string;
  readonly asked: number;
  readonly approved: number;
  readonly denied: number;
  /** Nobody answered in time, or what it was bound to changed. */
  readonly lapsed: number;
  readonly waiting: number;
  /** Milliseconds from the question to the answer, the middle one of all; undefined where nobody answered. */
  readonly median: number | undefined;
}

/** So often approved, and never denied, a rule asks what people always agree to. */
export const OFTEN = 5;

export const isAlwaysApproved = ({ approved, denied }: Pick<RuleStatistics, 'approved' | 'denied'>): boolean =>
  approved >= OFTEN && denied === 0;

/** The rules that asked most often first. A hold of two needs counts for both. */
export function statisticsOf(holds: readonly AskedHold[]): readonly RuleStatistics[] {
  const byRule = new Map<string, { readonly profile: string; readonly rule: string; readonly holds: AskedHold[] }>();
  for (const hold of holds) {
    for (const rule of new Set(hold.rules)) {
      const key = `${hold.profile} ${rule}`;
      const found = byRule.get(key) ?? { profile: hold.profile, rule, holds: [] };
      found.holds.push(hold);
      byRule.set(key, found);
    }
  }
  return [...byRule.values()]
    .map(({ profile, rule, holds: asked }) => ({ profile, rule, ...countsOf(asked) }))
    .toSorted((a, b) => b.asked - a.asked || (a.rule < b.rule ? -1 : 1));
}

function countsOf(holds: readonly AskedHold[]): Omit<RuleStatistics, 'profile' | 'rule'> {
  const count = (is: (hold: AskedHold) => boolean): number => holds.filter(is).length;
  const times = holds.flatMap(({ answer, placedAt }) => (answer === undefined ? [] : [answer.at - placedAt]));
  return {
    asked: holds.length,
    approved: count(({ answer }) => answer?.verdict === 'approve'),
    denied: count(({ answer }) => answer?.verdict === 'deny'),
    lapsed: count(({ answer, state }) => answer === undefined && state === 'lapsed'),
    waiting: count(({ answer, state }) => answer === undefined && state === 'open'),
    median: medianOf(times),
  };
}

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : Math.round((low + high) / 2);
}
