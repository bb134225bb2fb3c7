import { overdrawn } from '../domain/budget.ts';
import type { Afforded, Judged, Stage } from '../domain/call.ts';
import { ok, refuse } from '../domain/result.ts';

/**
 * What this call claims of the budget, and whether that is left. `commit` asks again, and charges; a later round claims
 * nothing. Where the profile only observes, an empty budget stops no call that can be undone.
 */
export const afford = (): Stage<Judged, Afforded> => async (call) => {
  const { caps, currency, mode } = call.profile;
  if (call.round !== undefined) return ok({ ...call, claims: {}, caps });
  const claims = { calls: 1, ...call.contract.charges };
  const over = overdrawn(caps, call.snapshot.used, claims);
  const observes = mode === 'observe' && call.contract.effect !== 'irreversible';
  if (over === undefined) return ok({ ...call, claims, caps: observes ? {} : caps });
  if (!observes) return refuse({ reason: 'over_budget', overdrawn: over, currency });
  const observed = { rule: `budgets.session.${over.kind}`, would: 'deny', reason: 'it is used up' } as const;
  return ok({ ...call, claims, caps: {}, observed: [...call.observed, observed] });
};
