import type { Judged, Resolved, Stage } from '../domain/call.ts';
import type { Definition } from '../domain/contract.ts';
import type { TargetPolicy } from '../domain/policy.ts';
import { ok, refuse } from '../domain/result.ts';

/** What the policy says of this exact call. A tool whose rules do not fit its schema is denied: they would not bite. */
export const judge = (): Stage<Resolved, Judged> => async (call) => {
  const misfits = call.definition === undefined ? [] : misfitsOf(call.policy, call.definition);
  if (misfits.length > 0) {
    const why = `the policy does not fit this tool: ${misfits.join('; ')}`;
    return refuse({ reason: 'denied', rules: [], why, remedy: undefined });
  }
  const judgement = call.policy.judge(call.effective);
  if (judgement.verdict === 'deny') {
    return refuse({ reason: 'denied', rules: judgement.rules, why: judgement.reason, remedy: judgement.remedy });
  }
  // What completes or watches is not what was read: a person is asked when it is read.
  const needs =
    call.operation === 'completion/complete' || call.operation === 'resources/subscribe' ? [] : judgement.needs;
  return ok({ ...call, rules: judgement.rules, needs });
};

/** Rules and definitions are frozen for a gateway's life: each pair is compared once. */
const compared = new WeakMap<TargetPolicy, WeakMap<Definition, readonly string[]>>();

function misfitsOf(policy: TargetPolicy, definition: Definition): readonly string[] {
  const known = compared.get(policy) ?? new WeakMap<Definition, readonly string[]>();
  compared.set(policy, known);
  const misfits = known.get(definition) ?? policy.misfits(definition);
  known.set(definition, misfits);
  return misfits;
}
