/** Rules over earlier calls: each that refuses must still be there, with the same words or plainly stricter ones. */
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { millisecondsOf } from '../file/amounts.ts';
import type { WrittenHistoryRule } from '../judge/rules.ts';
import { isSame, type Widening, wider } from './widening.ts';

export function historyWidenings(
  old: readonly WrittenHistoryRule[],
  next: readonly WrittenHistoryRule[],
): readonly Widening[] {
  const left = next.filter((rule) => !rule.observes);
  return old
    .filter((rule) => !rule.observes)
    .flatMap((rule) => {
      const kept = left.findIndex((one) => one.kind === rule.kind && isStricter(rule, one));
      if (kept === -1) return wider(rule.kind, `dropped or loosened: ${JSON.stringify(rule.written)}`);
      left.splice(kept, 1);
      return [];
    });
}

/** What may differ in a rule of each kind, and when the other value is the stricter one. `undefined` is unsaid. */
const STRICTER: Readonly<Record<string, Readonly<Record<string, (old: Said, next: Said) => boolean>>>> = {
  after: { within: isSooner },
  not_after: { within: (old, next) => isSooner(next, old) },
  limits: {
    max: (old, next) => typeof old === 'number' && typeof next === 'number' && next <= old,
    within: (old, next) => isSooner(next, old),
  },
};
type Said = JsonValue | undefined;

function isStricter({ kind, written: old }: WrittenHistoryRule, { written: next }: WrittenHistoryRule): boolean {
  const keys = new Set([...Object.keys(old), ...Object.keys(next)].filter((key) => !WORDS.has(key)));
  return [...keys].every((key) => isSame(old[key], next[key]) || STRICTER[kind]?.[key]?.(old[key], next[key]) === true);
}

const WORDS: ReadonlySet<string> = new Set<keyof JsonObject & string>(['reason', 'mode']);

/** No longer than before; unsaid is for ever. */
function isSooner(old: Said, next: Said): boolean {
  const [before, after] = [old, next].map((one) =>
    one === undefined ? Number.POSITIVE_INFINITY : millisecondsOf(String(one)),
  );
  return before !== undefined && after !== undefined && after <= before;
}
