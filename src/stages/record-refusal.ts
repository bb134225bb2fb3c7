import type { Stopped } from '../domain/call.ts';
import { type Draft, GATEWAY_CHAIN } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Ledger, Now } from '../domain/ports.ts';
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
        target: call.target.slice(0, 128),
        digest: call.digest,
        client: `${call.client.name} ${call.client.version}`,
        trace: call.trace.traceparent,
        ...evidence(refusal),
      },
    };
    await ledger.append(draft, kept(call));
  };

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
    case 'repeated':
      return { reason: refusal.reason, of: refusal.call };
    case 'stopped':
      return { reason: refusal.reason, stop: refusal.stop.id };
    case 'server_unavailable':
      return { reason: refusal.reason, server: refusal.server };
    default:
      return { reason: refusal.reason };
  }
}
