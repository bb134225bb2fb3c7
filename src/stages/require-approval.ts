import type { Afforded, Approved, Stage } from '../domain/call.ts';
import { targetOf, UNPINNED } from '../domain/contract.ts';
import { type Bound, bindingOf, type Hold, LARGEST_HELD_ARGUMENTS } from '../domain/hold.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

/** A grant for all needs of this call, or none needed; else one hold for all of them. Redeemed by `commit`, not here. */
export const requireApproval =
  (ledger: Ledger, now: Now): Stage<Afforded, Approved> =>
  async (call) => {
    if (call.needs.length === 0) return ok({ ...call, grant: undefined });
    if (Buffer.byteLength(call.canonical) > LARGEST_HELD_ARGUMENTS) {
      return denied(
        `its arguments are over ${LARGEST_HELD_ARGUMENTS / 1024} KiB, more than a person can read`,
        'Call with shorter arguments.',
      );
    }
    const bound = boundOf(call);
    const placed = await ledger.place({
      ...bound,
      binding: bindingOf(bound),
      effect: call.contract.effect,
      effective: call.effective,
      canonical: call.canonical,
      agentReason: call.agentReason,
      call: call.id,
      at: now(),
      approvals: call.caps['approvals'],
    });
    if (placed.found === 'call')
      return refuse({ reason: 'repeated', call: placed.call, textOnly: call.policy.canHold });
    if (placed.found === 'over_budget')
      return refuse({ reason: 'over_budget', overdrawn: placed.overdrawn, currency: call.profile.currency });
    if (placed.found === 'over_quota') return refuse({ reason: 'over_quota', quota: placed.quota });
    if (placed.found === 'closed') return denied(placed.why, 'Tell the user.');
    return answered(call, placed.hold);
  };

const boundOf = (call: Afforded): Bound => ({
  session: call.session.id,
  lineage: call.session.lineage,
  principal: call.principal,
  target: targetOf(call.contract),
  digest: call.digest,
  needs: call.needs,
  rules: call.policy.digest,
  pin: call.definition?.pin ?? UNPINNED,
});

function answered(call: Afforded, hold: Hold): Result<Approved, Refusal> {
  switch (hold.state) {
    case 'approved':
      return ok({ ...call, grant: hold });
    case 'denied': {
      const because = hold.decisions.at(-1)?.because;
      return denied(`a person denied this exact call${because === undefined ? '' : `: ${because}`}`, 'Tell the user.');
    }
    default:
      return refuse({ reason: 'held', hold });
  }
}

const denied = (why: string, remedy: string): Result<never, Refusal> =>
  refuse({ reason: 'denied', rules: [], why, remedy });
