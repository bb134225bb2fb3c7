/** What calls of one target can do at most, with cases that have an effect of their own. */
import { type Contract, EFFECTS, type Effect } from '../../domain/contract.ts';
import type { Case } from './rules.ts';

export const worstOf = (effects: readonly Effect[]): Effect =>
  EFFECTS[Math.max(...effects.map((one) => EFFECTS.indexOf(one)))] ?? 'irreversible';

/** The worst that a call of this target does: where there are cases, one that some of them lets through. */
export function worstEffect(
  { effect }: Pick<Contract, 'effect'>,
  { cases }: { readonly cases: readonly Pick<Case, 'then' | 'effect'>[] | undefined },
): Effect {
  const made = (cases ?? []).filter((one) => one.then !== 'deny');
  return made.length === 0 ? effect : worstOf(made.map((one) => one.effect ?? effect));
}
