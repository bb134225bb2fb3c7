import { isExtendable, isOfSession, type Overdrawn } from '../domain/budget.ts';
import type { Committed, Prepared } from '../domain/call.ts';
import { agreedExtension } from '../domain/extension.ts';
import { NO_FIELDS } from '../domain/history.ts';
import type { Hold } from '../domain/hold.ts';
import type { Approvers, Commitment, Intent, Ledger, Now, Settlement } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { intentOf } from './intent-of.ts';
import { unmetRefusal } from './unmet-refusal.ts';

/** The point of no return: one transaction re-checks, charges, consumes the grant and writes the intent. */
export const commit =
  (ledger: Ledger, approvers: Approvers, now: Now, later: (settlement: Settlement) => void) =>
  async (call: Prepared): Promise<Result<Committed, Refusal | { readonly reason: 'stale' }>> => {
    const standing = ledger.standing();
    // A later round: its intent stands, and nothing is charged or redeemed twice.
    if (call.open !== undefined) {
      return ok({ ...call, entry: call.open.entry, deadline: call.open.deadline, standing });
    }
    if (call.grant !== undefined && !signed(ledger, approvers, call.grant)) {
      return refuse({
        reason: 'denied',
        rules: [],
        why: 'its approval was not signed by a known person',
        remedy: 'Tell the user.',
      });
    }
    const commitment = await committed(ledger, intentOf(call, standing.replica, now()), later);
    if (commitment.ok) return ok({ ...call, entry: commitment.entry, deadline: commitment.deadline, standing });
    if (commitment.reason === 'over_budget') {
      if (mayBeExtended(call, commitment.overdrawn)) return refuse({ reason: 'stale' });
      return refuse({ reason: 'over_budget', overdrawn: commitment.overdrawn, currency: call.profile.currency });
    }
    if (commitment.reason === 'unmet') return refuse(unmetRefusal(commitment.unmet));
    if (commitment.reason === 'repeated') {
      return refuse({ reason: 'repeated', call: commitment.call, textOnly: call.policy.canHold });
    }
    if (commitment.reason === 'stopped') return refuse({ reason: 'stopped', stop: commitment.stop });
    if (commitment.reason === 'over_quota') return refuse({ reason: 'over_quota', quota: commitment.quota });
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
  agreedExtension(grant?.decisions ?? [])?.[over.kind] === undefined;

/** Where it fails the intent may have been written all the same, and nothing is sent for it. */
async function committed(ledger: Ledger, intent: Intent, later: (settlement: Settlement) => void): Promise<Commitment> {
  try {
    return await ledger.commit(intent);
  } catch (fault) {
    const { call, session, at } = intent;
    const body = { why: 'the ledger could not be used' };
    later({ call, session, at, outcome: 'not_sent', fields: NO_FIELDS, unspent: {}, recorded: undefined, body });
    throw fault;
  }
}

const signed = (ledger: Ledger, approvers: Approvers, hold: Hold): boolean =>
  hold.decisions.length > 0 &&
  hold.decisions.every((one) => one.verdict === 'approve' && approvers.verify(ledger.instance, hold, one));
