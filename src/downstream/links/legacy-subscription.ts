/** A subscription to a resource at a legacy server (2025-11-25, server/resources), from the request to its end. */
import { requestText } from '../../wire/outgoing.ts';
import type { Reply } from './channel.ts';
import { READY_WITHIN } from './era.ts';
import type { Subscribing } from './link.ts';
import type { Notices } from './notices.ts';
import { untilAborted } from './pause.ts';
import type { PeerRequest } from './peer.ts';

/** Nothing hangs on the answer to a goodbye. Milliseconds. */
const GOODBYE_WITHIN = 2_000;

/** What a subscription needs of its connection. */
export interface SubscriptionWay {
  readonly notices: Notices;
  readonly request: (request: PeerRequest) => Promise<Reply>;
  /** Abort when what the server held of the subscription, or the way its notices came, is gone. */
  readonly lost: readonly AbortSignal[];
}

/** Follows the changes of one resource. Taking it back is the caller's. Never rejects. */
export async function subscribeLegacy(
  way: SubscriptionWay,
  { uri, updated, signal, stands }: Subscribing,
): Promise<Reply> {
  const forget = way.notices.onUpdated(updated);
  try {
    const reply = await way.request({ ...asking('resources/subscribe', uri, READY_WITHIN), cancellable: true, signal });
    if (reply.kind === 'result') {
      stands();
      await untilAborted([signal, ...way.lost]);
    }
    return reply.kind === 'result'
      ? { kind: 'lost', sent: true, why: 'the connection that told of changes ended' }
      : reply;
  } finally {
    forget();
  }
}

/** Takes a subscription back. Nothing hangs on the answer. */
export async function unsubscribeLegacy(request: SubscriptionWay['request'], uri: string): Promise<void> {
  await request(asking('resources/unsubscribe', uri, GOODBYE_WITHIN));
}

const asking = (method: string, uri: string, within: number): PeerRequest => ({
  method,
  text: (id) => requestText('legacy', id, method, { uri }),
  within,
  late: `no answer to ${method} within ${within / 1000} s`,
  cancellable: false,
});
