import { isExtendable, isOfSession, type Overdrawn } from '../domain/budget.ts';
import type { Committed, Prepared } from '../domain/call.ts';
import { targetOf, UNPINNED } from '../domain/contract.ts';
import { NO_FIELDS } from '../domain/history.ts';
import type { Hold } from '../domain/hold.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Approvers, Intent, Ledger, Now } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { expiryOf } from '../domain/session.ts';
import { unmetRefusal } from './unmet-refusal.ts';

/** The point of no return: one transaction re-checks, charges, consumes the grant and writes the intent. */
export const commit =
  (ledger: Ledger, approvers: Approvers, now: Now) =>
  async (call: Prepared): Promise<Result<Committed, Refusal | { readonly reason: 'stale' }>> => {
    // A later round: its intent stands, and nothing is charged or redeemed twice.
    if (call.open !== undefined) return ok({ ...call, entry: call.open.entry, deadline: call.open.deadline });
    if (call.grant !== undefined && !signed(ledger, approvers, call.grant)) {
      return refuse({
        reason: 'denied',
        rules: [],
        why: 'its approval was not signed by a known person',
        remedy: 'Tell the user.',
      });
    }
    const commitment = await ledger.commit(intentOf(call, now()));
    if (commitment.ok) return ok({ ...call, entry: commitment.entry, deadline: commitment.deadline });
    if (commitment.reason === 'over_budget') {
      if (mayBeExtended(call, commitment.overdrawn)) return refuse({ reason: 'stale' });
      return refuse({ reason: 'over_budget', overdrawn: commitment.overdrawn, currency: call.profile.currency });
    }
    if (commitment.reason === 'unmet') return refuse(unmetRefusal(commitment.unmet));
    if (commitment.reason === 'repeated') {
      return refuse({ reason: 'repeated', call: commitment.call, textOnly: call.policy.canHold });
    }
    if (commitment.reason === 'stopped') return refuse({ reason: 'stopped', stop: commitment.stop });
    return refuse({ reason: commitment.reason });
  };

/**
 * Used up since the call was decided: decided once more, a person is asked. Not where one was: what that person gave is not
 * enough, and asking in a circle helps nobody.
 */
const mayBeExtended = ({ profile, grant }: Prepared, over: Overdrawn): boolean =>
  profile.whenReached === 'extend' &&
  isOfSession(over) &&
  isExtendable(over.kind) &&
  grant?.decision?.extend?.[over.kind] === undefined;

const signed = (ledger: Ledger, approvers: Approvers, hold: Hold): boolean =>
  hold.decision?.verdict === 'approve' && approvers.verify(ledger.instance, hold, hold.decision);

/** `extend` as it was signed, whatever the ledger says later. */
const grantOf = ({ id, binding, decision }: Hold): Intent['grant'] =>
  decision && {
    hold: id,
    binding,
    signature: decision.signature,
    ...(decision.extend === undefined ? {} : { extend: decision.extend }),
  };

function intentOf(call: Prepared, at: number): Intent {
  const { grant } = call;
  const target = targetOf(call.contract);
  return {
    call: call.id,
    session: call.session.id,
    at,
    target,
    effect: call.contract.effect,
    digest: call.digest,
    canonical: call.canonical,
    claims: call.claims,
    caps: call.caps,
    renew: call.profile.life.renew,
    expiresAt: expiryOf(call.session, call.profile.life.maxAge),
    principalCaps: call.principalCaps,
    timeout: call.contract.timeout,
    demands: call.demands,
    labels: call.contract.labels,
    judgedBy: call.policy.seesLabels ? call.snapshot.labels : undefined,
    fields: call.profile.recorders.get(target)?.ofCall(call.effective) ?? NO_FIELDS,
    agentReason: call.agentReason,
    grant: grant && grantOf(grant),
    body: {
      policy: call.profile.digest,
      rules: call.rules,
      ...(call.observed.length === 0 ? {} : { observed: call.observed as unknown as JsonValue }),
      operation: call.operation,
      target_rules: call.policy.digest,
      pin: call.definition?.pin ?? UNPINNED,
      client: `${call.client.name} ${call.client.version}`,
      transport: call.transport,
      revision: call.revision,
      trace: call.trace.traceparent,
    },
  };
}
