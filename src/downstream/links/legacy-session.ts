/**
 * The session of a legacy HTTP server. Servers forget sessions: 404 says so (2025-11-25, basic/transports), and a new one
 * is opened, once for all who ask. What a session tells unasked comes on one stream, open while somebody wants it.
 */
import { INITIALIZED } from '../../wire/outgoing.ts';
import type { Reply } from './channel.ts';
import { EarlyQuestions } from './early-questions.ts';
import { type Agreed, agree } from './era.ts';
import type { HttpChannel, Listening } from './http.ts';
import { subscribeLegacy } from './legacy-subscription.ts';
import { isAskedEarly, isFinal, type LinkOptions, type Over, type Stand, type Subscribing } from './link.ts';
import { backoff, pause, untilAborted } from './pause.ts';
import type { Peer, PeerRequest } from './peer.ts';

interface Stream {
  readonly listening: Promise<Listening>;
  users: number;
}

/** To a session: the server forgot it. */
const NOT_FOUND = 404;
/** The server has not noticed yet that the stream before has ended: a session has one at a time. */
const CONFLICT = 409;
/** How often the stream is asked for again for these reasons. */
const MOST_TRIES = 3;

export class LegacySession {
  readonly #peer: Peer<HttpChannel>;
  readonly #options: LinkOptions;
  #renewing: Promise<boolean> | undefined;
  /** Aborts when the session is renewed. */
  #ended = new AbortController();
  #stream: Stream | undefined;

  constructor(peer: Peer<HttpChannel>, options: LinkOptions) {
    this.#peer = peer;
    this.#options = options;
  }

  async begin(agreed: Agreed): Promise<void> {
    this.#peer.era = 'legacy';
    this.#peer.channel.revision = agreed.revision;
    if (isAskedEarly(this.#options)) this.#peer.early = new EarlyQuestions();
    await this.#peer.tell(INITIALIZED);
  }

  async request(request: PeerRequest): Promise<Reply> {
    const { session } = this.#peer.channel;
    const reply = await this.#peer.request(request);
    const is404 = (reply.kind === 'error' || reply.kind === 'refused') && reply.status === NOT_FOUND;
    return is404 && session !== undefined ? { kind: 'forgotten', renewed: this.#renew(session) } : reply;
  }

  /** Keeps the stream of what is told unasked open. */
  watch(stand: Stand): Promise<Over> {
    return this.#listened(stand.signal, async (listening) => {
      if (!listening.stands) return { reply: listening.reply, wait: 0 };
      stand.stands();
      await untilAborted([listening.ended, stand.signal]);
      return { reply: STREAM_ENDED, wait: listening.wait() };
    });
  }

  async subscribe(subscribing: Subscribing): Promise<Over> {
    const over = await this.#subscribe(subscribing);
    if (over.reply.kind !== 'forgotten' || !(await over.reply.renewed)) return over;
    return this.#subscribe(subscribing);
  }

  /** A server that serves no such stream may tell of changes on the streams of requests: it is subscribed to all the same. */
  #subscribe(subscribing: Subscribing): Promise<Over> {
    return this.#listened(subscribing.signal, async (listening) => {
      if (!listening.stands && !isFinal({ reply: listening.reply, wait: 0 }))
        return { reply: listening.reply, wait: 0 };
      const lost = [this.#ended.signal, this.#peer.channel.over];
      if (listening.stands) lost.push(listening.ended);
      const way = { notices: this.#peer.notices, request: (request: PeerRequest) => this.request(request), lost };
      const reply = await subscribeLegacy(way, subscribing);
      return { reply, wait: listening.stands ? listening.wait() : 0 };
    });
  }

  /** Does something with the stream, which is opened for the first who wants it and ended after the last. */
  async #listened<T>(signal: AbortSignal, work: (listening: Listening) => Promise<T>): Promise<T> {
    const stream = this.#stream ?? this.#openStream();
    stream.users++;
    let isUser = true;
    const leave = (): void => {
      if (!isUser) return;
      isUser = false;
      if (--stream.users === 0) this.#closeStream(stream);
    };
    signal.addEventListener('abort', leave);
    const listening = await stream.listening;
    signal.removeEventListener('abort', leave);
    try {
      return await work(listening);
    } finally {
      leave();
    }
  }

  #openStream(): Stream {
    const stream: Stream = { listening: this.#listen(), users: 0 };
    this.#stream = stream;
    void stream.listening.then((listening) => {
      if (listening.stands) listening.ended.addEventListener('abort', () => this.#forget(stream));
      else if (!isFinal({ reply: listening.reply, wait: 0 })) this.#forget(stream);
    });
    return stream;
  }

  async #listen(): Promise<Listening> {
    const { channel } = this.#peer;
    for (let tries = 0; ; tries++) {
      const { session } = channel;
      const listening = await channel.listen();
      const status = !listening.stands && listening.reply.kind === 'refused' ? listening.reply.status : undefined;
      if (tries === MOST_TRIES || (status !== NOT_FOUND && status !== CONFLICT)) return listening;
      if (status === CONFLICT) await pause(backoff(tries), channel.over);
      else if (session === undefined || !(await this.#renew(session))) return listening;
    }
  }

  #closeStream(stream: Stream): void {
    if (this.#forget(stream)) this.#peer.channel.stopListening();
  }

  #forget(stream: Stream): boolean {
    if (this.#stream !== stream) return false;
    this.#stream = undefined;
    return true;
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
    await this.begin(agreed.value);
    if (!(await this.#options.renewed({ era: 'legacy', request: (request) => peer.request(request) }))) return false;
    this.#ended.abort();
    this.#ended = new AbortController();
    peer.channel.stopListening();
    return true;
  }
}

const STREAM_ENDED: Reply = { kind: 'lost', sent: true, why: 'the stream ended' };
