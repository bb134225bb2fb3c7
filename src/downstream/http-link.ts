/** Opens a link to a server behind a URL. */
import { ok, type Result, refuse } from '../domain/result.ts';
import { INITIALIZED } from '../wire/outgoing.ts';
import type { Reply } from './channel.ts';
import { type Agreed, agree } from './era.ts';
import { HttpChannel } from './http.ts';
import { type Link, type LinkOptions, subscribe } from './link.ts';
import { Peer } from './peer.ts';

/** Refused with a sentence without a full stop. */
export async function openHttpLink(url: URL, options: LinkOptions): Promise<Result<Link, string>> {
  const pool = options.pools.of(url.origin);
  const peer = new Peer((inbound) => new HttpChannel(inbound, pool, url), options.listChanged);
  const { channel } = peer;
  options.opened(channel);
  const { known } = options;
  const agreed = known?.era === 'modern' ? ok(known) : await agree(peer, 'http', options.handshake);
  if (!agreed.ok) return refuse(agreed.error.why);
  const { era, tellsChanges } = agreed.value;
  await begin(peer, agreed.value);
  const session = new LegacySession(peer, options);
  return ok({
    transport: 'http',
    address: { host: url.hostname, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) },
    agreed: agreed.value,
    era,
    alive: () => !channel.closing,
    request: (request) => (era === 'modern' ? peer.request(request) : session.request(request)),
    watch: (over) => {
      if (!tellsChanges) return;
      if (era === 'modern') void subscribe(peer, over);
      else channel.listen((served) => (served ? over() : undefined));
    },
  });
}

async function begin(peer: Peer<HttpChannel>, agreed: Agreed): Promise<void> {
  peer.era = agreed.era;
  if (agreed.era === 'modern') return;
  peer.channel.revision = agreed.revision;
  await peer.tell(INITIALIZED);
}

/** Legacy servers forget sessions: 404 says so (2025-11-25, basic/transports), and a new one is opened, once for all who ask. */
class LegacySession {
  readonly #peer: Peer<HttpChannel>;
  readonly #options: LinkOptions;
  #renewing: Promise<boolean> | undefined;

  constructor(peer: Peer<HttpChannel>, options: LinkOptions) {
    this.#peer = peer;
    this.#options = options;
  }

  async request(request: Parameters<Peer['request']>[0]): Promise<Reply> {
    const { session } = this.#peer.channel;
    const reply = await this.#peer.request(request);
    const is404 = (reply.kind === 'error' || reply.kind === 'refused') && reply.status === 404;
    return is404 && session !== undefined ? { kind: 'forgotten', renewed: this.#renew(session) } : reply;
  }

  #renew(forgotten: string): Promise<boolean> {
    if (this.#renewing !== undefined) return this.#renewing;
    if (this.#peer.channel.session !== forgotten) return Promise.resolve(true);
    this.#renewing = this.#openAnother().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #openAnother(): Promise<boolean> {
    const peer = this.#peer;
    peer.channel.session = undefined;
    const agreed = await agree(peer, 'http', { ...this.#options.handshake, era: 'legacy' });
    if (!agreed.ok) return false;
    await begin(peer, agreed.value);
    return this.#options.renewed({ era: 'legacy', request: (request) => peer.request(request) });
  }
}
