import { allOverdrawn, isExtendable, raised } from '../domain/budget.ts';
import type { Afforded, Judged, Stage } from '../domain/call.ts';
import { budgetNeed } from '../domain/extension.ts';
import type { Observed } from '../domain/policy.ts';
import { ok, refuse } from '../domain/result.ts';

/**
 * What this call claims of the budget, and whether that is left; where the policy says so, a person may extend what is not.
 * `commit` asks again, and charges; a later round claims nothing. Where the profile only observes, an empty budget stops no
 * call that can be undone.
 */
export const afford = (): Stage<Judged, Afforded> => async (call) => {
  const { caps, principalCaps, currency, mode, whenReached } = call.profile;
  if (call.round !== undefined) return ok({ ...call, claims: {}, caps, principalCaps });
  const claims = { calls: 1, ...call.contract.charges };
  const observes = mode === 'observe' && call.contract.effect !== 'irreversible';
  const capped = observes ? { caps: {}, principalCaps: [] } : { caps, principalCaps };
  const over = allOverdrawn(raised(caps, call.snapshot.extended), call.snapshot.used, claims);
  const [first] = over;
  if (first === undefined) return ok({ ...call, claims, ...capped });
  if (observes) {
    const rule = `budgets.session.${first.kind}`;
    const observed: Observed = { rule, would: 'deny', reason: 'it is used up' };
    return ok({ ...call, claims, ...capped, observed: [...call.observed, observed] });
  }
  const canAsk = whenReached === 'extend' && canBeHeld(call) && over.every(({ kind }) => isExtendable(kind));
  if (!canAsk) return refuse({ reason: 'over_budget', overdrawn: first, currency });
  return ok({ ...call, claims, ...capped, needs: [...call.needs, ...over.map((one) => budgetNeed(one, currency))] });
};

/** What completes or watches has nobody who waits for it; for what is read for a person, a person waits. */
const canBeHeld = ({ operation, shownFor }: Judged): boolean =>
  operation !== 'completion/complete' && operation !== 'resources/subscribe' && shownFor === undefined;
