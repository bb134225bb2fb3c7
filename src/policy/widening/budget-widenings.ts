/** Budgets under two policies: every cap must still be there and be no higher, and what happens at it no milder. */
import type { WhenReached } from '../../domain/budget.ts';
import type { Profile } from '../../domain/policy.ts';
import { at, changed, NARROWER, type Widening } from './widening.ts';

export const budgetWidenings = (old: Profile, next: Profile): readonly Widening[] => [
  ...at('session', sessionWidenings(old, next)),
  ...at('principal', principalWidenings(old, next)),
  ...reachedWidenings(old, next),
];

function sessionWidenings(old: Profile, next: Profile): readonly Widening[] {
  const caps = Object.entries(old.caps).flatMap(([kind, cap]) => {
    const other = next.caps[kind];
    return other !== undefined && other <= cap ? NARROWER : changed(kind, other, cap);
  });
  const hasSpend = old.caps['spend'] !== undefined;
  return hasSpend && next.currency !== old.currency
    ? [...caps, ...changed('currency', next.currency, old.currency)]
    : caps;
}

function principalWidenings(old: Profile, next: Profile): readonly Widening[] {
  const caps = old.principalCaps.flatMap((cap) => {
    const other = next.principalCaps.find(({ kind }) => kind === cap.kind);
    const isTighter = other !== undefined && other.most <= cap.most && other.within >= cap.within;
    return isTighter ? NARROWER : changed(cap.kind, other && rateWords(other), rateWords(cap));
  });
  const [before, after = Number.POSITIVE_INFINITY] = [old.mostSessions, next.mostSessions];
  return before === undefined || after <= before ? caps : [...caps, ...changed('sessions', next.mostSessions, before)];
}

const rateWords = ({ most, within }: Profile['principalCaps'][number]): string => `${most} in ${within / 60_000} min`;

/** A pause stops every call, a refusal those that cost too much, and of what a person extends there is more. */
const STRICTER: readonly WhenReached[] = ['extend', 'deny', 'pause'];

/** Where nothing was capped, nothing was reached. */
const reachedWidenings = (old: Profile, next: Profile): readonly Widening[] =>
  Object.keys(old.caps).length > 0 && STRICTER.indexOf(next.whenReached) < STRICTER.indexOf(old.whenReached)
    ? changed('when_reached', next.whenReached, old.whenReached)
    : NARROWER;
