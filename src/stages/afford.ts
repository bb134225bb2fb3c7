import { overdrawn } from '../domain/budget.ts';
import type { Afforded, Judged, Stage } from '../domain/call.ts';
import { ok, refuse } from '../domain/result.ts';

/** What this call claims of the budget, and whether that is left. `commit` asks again, and charges; a later round claims nothing. */
export const afford = (): Stage<Judged, Afforded> => async (call) => {
  if (call.round !== undefined) return ok({ ...call, claims: {} });
  const claims = { calls: 1, ...call.contract.charges };
  const over = overdrawn(call.profile.caps, call.snapshot.used, claims);
  if (over !== undefined) return refuse({ reason: 'over_budget', overdrawn: over, currency: call.profile.currency });
  return ok({ ...call, claims });
};
