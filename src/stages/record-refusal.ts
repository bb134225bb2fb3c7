import { amountWords, isOfSession } from '../domain/budget.ts';
import type { Stopped } from '../domain/call.ts';
import { type Draft, GATEWAY_CHAIN } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Count, Ledger, Now } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';

/** A refused call's own journal entry: in its session, or in the gateway's chain where it reached none. */
export const recordRefusal =
  (ledger: Ledger, now: Now) =>
  async ({ call, refusal }: Stopped): Promise<void> => {
    const draft: Draft = {
      session: call.session?.id ?? GATEWAY_CHAIN,
      kind: 'refused',
      call: call.id,
      at: now(),
      body: {
        operation: call.operation,
        ...(call.shownFor === undefined ? {} : { shown_for: call.shownFor }),
        target: call.target.slice(0, 128),
        digest: call.digest,
        client: `${call.client.name} ${call.client.version}`,
        trace: call.trace.traceparent,
        ...evidence(refusal),
      },
    };
    await ledger.append(draft, kept(call), countOf(call, refusal));
    const why = pauseOf(call, refusal);
    // A session that another call paused, or that is over by now, stays as it is.
    if (why !== undefined && call.session !== undefined)
      await ledger.change(call.session.id, 'pause', 'tollgate', why, now());
  };

/** What waits is not refused: a hold is a reply, and so is the result of the call that this one repeats. */
const WAITING: ReadonlySet<Refusal['reason']> = new Set(['held', 'repeated']);

const countOf = ({ session, profile }: Stopped['call'], { reason }: Refusal): Count | undefined =>
  session === undefined || WAITING.has(reason) ? undefined : { kind: 'refusals', most: profile?.caps['refusals'] };

/** Why the session pauses, where the policy wants that of a budget that is used up. */
function pauseOf({ profile }: Stopped['call'], refusal: Refusal): string | undefined {
  if (profile?.whenReached !== 'pause' || refusal.reason !== 'over_budget') return undefined;
  const { kind, cap } = refusal.overdrawn;
  if (!isOfSession(refusal.overdrawn)) return undefined;
  return `not enough is left of the ${amountWords(kind, cap, profile.currency)} that it may use`;
}

/** Arguments of more bytes (RFC 8785 text) are not kept: nobody reads them, and who is refused may send many. */
const LARGEST_KEPT = 64 * 1024;

/** What was refused, where it came so far that it is known what would have been sent. */
const kept = ({ session, canonical }: Stopped['call']): string | undefined =>
  session !== undefined && canonical !== undefined && Buffer.byteLength(canonical) <= LARGEST_KEPT
    ? canonical
    : undefined;

/** What a refusal rests on. */
function evidence(refusal: Refusal): JsonObject {
  switch (refusal.reason) {
    case 'held':
      return { reason: refusal.reason, hold: refusal.hold.id };
    case 'denied':
      return { reason: refusal.reason, rules: refusal.rules, why: refusal.why };
    case 'over_budget':
      return { reason: refusal.reason, ...refusal.overdrawn };
    case 'over_quota':
      return { reason: refusal.reason, quota: refusal.quota };
    case 'repeated':
      return { reason: refusal.reason, of: refusal.call };
    case 'insufficient_scope':
      return { reason: refusal.reason, scopes: refusal.scopes };
    case 'stopped':
      return { reason: refusal.reason, stop: refusal.stop.id };
    case 'no_credential':
      return { reason: refusal.reason, server: refusal.server, why: refusal.why };
    case 'server_unavailable':
      return { reason: refusal.reason, server: refusal.server };
    default:
      return { reason: refusal.reason };
  }
}
