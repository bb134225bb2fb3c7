/** Opens a link to a server behind a URL. */
import { ok, type Result, refuse } from '../../domain/result.ts';
import { agree } from './era.ts';
import { HttpChannel } from './http.ts';
import { LegacySession } from './legacy-session.ts';
import { unsubscribeLegacy } from './legacy-subscription.ts';
import type { Link, LinkOptions } from './link.ts';
import { listenToLists, listenToResource } from './listen.ts';
import { Peer } from './peer.ts';

/** Refused with a sentence without a full stop. */
export async function openHttpLink(url: URL, options: LinkOptions): Promise<Result<Link, string>> {
  const pool = options.pools.of(url.origin);
  const peer = new Peer((inbound) => new HttpChannel(inbound, pool, url, options.carried), options.listChanged);
  peer.isShared = options.isShared;
  const { channel } = peer;
  options.opened(channel);
  const { known } = options;
  const agreed = known?.era === 'modern' ? ok(known) : await agree(peer, 'http', options.handshake);
  if (!agreed.ok) return refuse(agreed.error.why);
  const { era, tells } = agreed.value;
  peer.era = era;
  const shared = {
    transport: 'http',
    address: { host: url.hostname, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) },
    agreed: agreed.value,
    era,
    alive: () => !channel.closing,
    over: channel.over,
  } as const;
  if (era === 'modern') {
    return ok({
      ...shared,
      request: (request) => peer.request(request),
      watch: tells.length === 0 ? undefined : (stand) => listenToLists(peer, tells, stand),
      hear: undefined,
      subscribe: (subscribing) => listenToResource(peer, subscribing),
      unsubscribe: undefined,
    });
  }
  const session = new LegacySession(peer, options);
  await session.begin(agreed.value);
  return ok({
    ...shared,
    request: (request) => session.request(request),
    watch: tells.length === 0 ? undefined : (stand) => session.watch(stand),
    hear: (stand) => session.watch(stand),
    subscribe: (subscribing) => session.subscribe(subscribing),
    unsubscribe: (uri) => unsubscribeLegacy((request) => session.request(request), uri),
  });
}
