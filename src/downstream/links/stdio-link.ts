/** Opens a link to a server that is a process of ours. */
import { ok, type Result, refuse } from '../../domain/result.ts';
import { INITIALIZED } from '../../wire/outgoing.ts';
import { EarlyQuestions } from './early-questions.ts';
import { agree } from './era.ts';
import { subscribeLegacy, unsubscribeLegacy } from './legacy-subscription.ts';
import { isAskedEarly, type Link, type LinkOptions } from './link.ts';
import { listenToLists, listenToResource } from './listen.ts';
import { Peer, type PeerRequest } from './peer.ts';
import type { StdioAddress } from './server-process.ts';
import { StdioChannel } from './stdio.ts';

/**
 * Refused with a sentence without a full stop. The probe runs in the real process; a server that ends at it is started
 * again, and asked in the legacy way only.
 */
export async function openStdioLink(address: StdioAddress, options: LinkOptions): Promise<Result<Link, string>> {
  const peer = new Peer((inbound) => new StdioChannel(inbound, options.log), options.listChanged);
  peer.isShared = options.isShared;
  const { channel } = peer;
  options.opened(channel);
  const started = await channel.start(address, options.readSecret);
  if (!started.ok) return started;
  const agreed = options.known?.era === 'modern' ? ok(options.known) : await agree(peer, 'stdio', options.handshake);
  if (!agreed.ok) {
    const again = agreed.error.endedAtProbe && !channel.closing;
    await channel.close();
    if (!again) return refuse(`${agreed.error.why}${channel.quote()}`);
    return openStdioLink(address, { ...options, handshake: { ...options.handshake, era: 'legacy' } });
  }
  const { era, tells } = agreed.value;
  peer.era = era;
  if (era === 'legacy') {
    if (isAskedEarly(options)) peer.early = new EarlyQuestions();
    await peer.tell(INITIALIZED);
  }
  return ok({
    transport: 'stdio',
    address: undefined,
    agreed: agreed.value,
    era,
    alive: () => !channel.over.aborted,
    over: channel.over,
    request: (request) => peer.request(request),
    // Legacy servers tell unasked.
    hear: undefined,
    watch: era === 'legacy' || tells.length === 0 ? undefined : (stand) => listenToLists(peer, tells, stand),
    subscribe: async (subscribing) => {
      if (era === 'modern') return listenToResource(peer, subscribing);
      const way = {
        notices: peer.notices,
        request: (request: PeerRequest) => peer.request(request),
        lost: [channel.over],
      };
      return { reply: await subscribeLegacy(way, subscribing), wait: 0 };
    },
    unsubscribe: era === 'modern' ? undefined : (uri) => unsubscribeLegacy((request) => peer.request(request), uri),
  });
}
