import type { Judged, Resolved, Stage } from '../domain/call.ts';
import { type Definition, targetOf } from '../domain/contract.ts';
import type { Demand } from '../domain/history.ts';
import type { Observed, TargetPolicy } from '../domain/policy.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { openIn } from '../domain/production.ts';
import { ok, refuse } from '../domain/result.ts';
import { needsOf } from './needs-of.ts';
import { stopRefusal } from './stopped.ts';
import { unmetRefusal } from './unmet-refusal.ts';

/** What the policy says of this exact call. A tool whose rules do not fit its schema is denied: they would not bite. */
export const judge =
  (ledger: Ledger, now: Now): Stage<Resolved, Judged> =>
  async (call) => {
    const { digest } = call;
    const stopped = await stopRefusal(ledger, call, { target: targetOf(call.contract), digest });
    if (stopped !== undefined) return refuse(stopped);
    const misfits = call.definition === undefined ? [] : misfitsOf(call.policy, call.definition);
    if (misfits.length > 0) {
      const why = `the policy does not fit this tool: ${misfits.join('; ')}`;
      return refuse({ reason: 'denied', rules: [], why, remedy: undefined });
    }
    // What a later round sends are answers, and those are judged as such; its arguments were sent by the first.
    const labels = call.round === undefined ? call.snapshot.labels : [];
    const production = openIn(call.snapshot.extended);
    const judgement = call.policy.judge(call.effective, { labels, dir: call.dir, production });
    if (judgement.verdict === 'deny') {
      return refuse({ reason: 'denied', rules: judgement.rules, why: judgement.reason, remedy: judgement.remedy });
    }
    // A later round met its demands when its call was committed.
    const demands = call.round === undefined ? judgement.demands : [];
    const asking = { session: call.session.id, target: targetOf(call.contract), digest: call.digest };
    const unmet = demands.length === 0 ? undefined : await ledger.unmet(asking, demands, now());
    if (unmet !== undefined && 'repeated' in unmet) {
      return refuse({ reason: 'repeated', call: unmet.repeated, textOnly: call.policy.canHold });
    }
    if (unmet !== undefined) return refuse(unmetRefusal(unmet));
    const needs = needsOf(call, judgement.needs);
    if (!needs.ok) return needs;
    const late = await observedUnmet(ledger, asking, call.round === undefined ? judgement.observedDemands : [], now());
    return ok({
      ...call,
      contract: { ...call.contract, effect: judgement.effect },
      rules: judgement.rules,
      needs: needs.value,
      demands,
      observed: [...judgement.observed, ...late],
    });
  };

/** What demands that only observe would have refused. */
async function observedUnmet(
  ledger: Ledger,
  asking: Parameters<Ledger['unmet']>[0],
  demands: readonly Demand[],
  at: number,
): Promise<readonly Observed[]> {
  const found: Observed[] = [];
  for (const demand of demands) {
    const unmet = await ledger.unmet(asking, [demand], at);
    if (unmet !== undefined && 'demand' in unmet)
      found.push({ rule: demand.rule, would: 'deny', reason: demand.reason });
  }
  return found;
}

/** Rules and definitions are frozen for a gateway's life: each pair is compared once. */
const compared = new WeakMap<TargetPolicy, WeakMap<Definition, readonly string[]>>();

function misfitsOf(policy: TargetPolicy, definition: Definition): readonly string[] {
  const known = compared.get(policy) ?? new WeakMap<Definition, readonly string[]>();
  compared.set(policy, known);
  const misfits = known.get(definition) ?? policy.misfits(definition);
  known.set(definition, misfits);
  return misfits;
}
