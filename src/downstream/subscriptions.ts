/**
 * Subscriptions to resources: one at the server for all who want the same resource at the same place, made again when a
 * connection or a stream is lost. Whoever subscribed is told then that the resource may have changed.
 */

import type { Unavailable } from '../domain/downstream.ts';
import { cancelWords, type Exchange, type Subscriber } from '../domain/exchange.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Now } from '../domain/ports.ts';
import type { Result } from '../domain/result.ts';
import { whyNot } from './links/era.ts';
import { isFinal, type Link } from './links/link.ts';
import { backoff, pause } from './links/pause.ts';
import { LONGEST_TIMER } from './links/peer.ts';
import { refusalOf, Subscription } from './subscription.ts';

/** Subscriptions of one place. */
const MOST = 1_000;
/** Tries in a row that came to nothing, over some five minutes; then a subscription is dropped. */
const MOST_TRIES = 12;
/** Of a URI so much is logged. Characters. */
const LOGGED = 200;
const METHOD_NOT_FOUND = -32601;

/** The connection that stands at a place. */
export interface Footing {
  readonly link: Pick<Link, 'subscribe' | 'unsubscribe'>;
  /** Keeps the connection from being idle. */
  during<T>(work: Promise<T>): Promise<T>;
}

/** Where a session is served by a server, whatever connection stands there. */
export interface Place {
  readonly server: string;
  readonly key: string;
  /** The connection that stands there, opened anew where none does. */
  open(): Promise<Result<Footing, Unavailable>>;
}

export interface SubscriptionsOptions {
  readonly now: Now;
  log(line: { readonly server: string; readonly text: string }): void;
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #places = new Map<string, PlaceSubscriptions>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Answers once the server has accepted; `subscriber` is told of changes until its signal aborts. Never rejects. */
  async subscribe(place: Place | undefined, link: Link, exchange: Exchange): Promise<Outcome> {
    const { subscriber, line, deadline } = exchange;
    if (!link.agreed.subscribes || subscriber === undefined) {
      return { outcome: 'rpc_error', code: METHOD_NOT_FOUND, message: 'the server offers no subscriptions' };
    }
    if (line.signal.aborted || subscriber.signal.aborted) {
      return { outcome: 'not_sent', why: `${cancelWords(line.signal)} before it was sent` };
    }
    if (place === undefined || !link.alive()) return { outcome: 'not_sent', why: 'the connection was closed' };
    if (deadline <= this.#options.now()) return { outcome: 'not_sent', why: 'its deadline passed before it was sent' };
    const there =
      this.#places.get(place.key) ?? new PlaceSubscriptions(place, this.#options, () => this.#places.delete(place.key));
    this.#places.set(place.key, there);
    return there.subscribe(exchange, subscriber);
  }

  /** The keys of the places that have some. */
  keys(): Iterable<string> {
    return this.#places.keys();
  }

  /** Ends the subscriptions at these places. */
  end(isMeant: (place: Place) => boolean): void {
    for (const subscriptions of this.#places.values()) if (isMeant(subscriptions.place)) subscriptions.end();
  }
}

class PlaceSubscriptions {
  readonly place: Place;
  readonly #options: SubscriptionsOptions;
  readonly #empty: () => void;
  readonly #all = new Map<string, Subscription>();
  /** Taken back, and not gone yet: by URI, what is to be waited for. */
  readonly #leaving = new Map<string, Promise<void>>();
  #opening: { readonly footing: Promise<Result<Footing, Unavailable>>; readonly unwanted: AbortController } | undefined;

  constructor(place: Place, options: SubscriptionsOptions, empty: () => void) {
    this.place = place;
    this.#options = options;
    this.#empty = empty;
  }

  async subscribe(exchange: Exchange, subscriber: Subscriber): Promise<Outcome> {
    const { name: uri } = exchange;
    if (!this.#all.has(uri) && this.#all.size >= MOST) {
      return {
        outcome: 'not_sent',
        why: `this session has ${MOST} subscriptions at this server, the most there may be`,
      };
    }
    const subscription = this.#all.get(uri) ?? this.#begin(uri);
    subscription.join(subscriber);
    const outcome = await answered(subscription.accepted, exchange, this.#options.now);
    if (outcome.outcome !== 'ok') subscription.leave(subscriber);
    return outcome;
  }

  end(): void {
    for (const subscription of this.#all.values())
      subscription.end({ outcome: 'unknown', why: 'the connection was closed' });
  }

  #begin(uri: string): Subscription {
    const subscription = new Subscription(uri, this.#options.now);
    const before = this.#leaving.get(uri);
    this.#all.set(uri, subscription);
    const gone = this.#keep(subscription, before);
    subscription.over.addEventListener('abort', () => {
      this.#all.delete(uri);
      if (this.#all.size === 0) this.#opening?.unwanted.abort();
      this.#leaving.set(uri, gone);
    });
    void gone.then(() => {
      if (this.#leaving.get(uri) === gone) this.#leaving.delete(uri);
      if (this.#all.size === 0 && this.#leaving.size === 0) this.#empty();
    });
    return subscription;
  }

  /** Keeps a subscription for as long as somebody wants it and the server serves it. Never rejects. */
  async #keep(subscription: Subscription, before: Promise<void> | undefined): Promise<void> {
    await before;
    const { uri, over: left } = subscription;
    let link: Footing['link'] | undefined;
    for (let tries = 0; !left.aborted; ) {
      const footing = await (subscription.hasStood ? this.#anew() : this.place.open());
      if (!footing.ok) return subscription.end({ outcome: 'not_sent', why: footing.error.why });
      link = footing.value.link;
      if (left.aborted) break;
      const { over, served } = await footing.value.during(subscription.hold(link));
      if (left.aborted) break;
      if (!subscription.hasStood) return subscription.end(refusalOf(over.reply));
      tries = served ? 0 : tries + 1;
      if (isFinal(over) || tries > MOST_TRIES) {
        this.#log(`the subscription to ${uri.slice(0, LOGGED)} is dropped: ${whyNot(over.reply, 'the subscription')}`);
        return subscription.end(refusalOf(over.reply));
      }
      await pause(Math.max(backoff(tries), over.wait), left);
    }
    await link?.unsubscribe?.(uri);
  }

  /** The connection that stands there now; all who wait for one share the tries. */
  #anew(): Promise<Result<Footing, Unavailable>> {
    if (this.#opening === undefined) {
      const unwanted = new AbortController();
      const footing = this.#openAgain(unwanted.signal).finally(() => {
        this.#opening = undefined;
      });
      this.#opening = { footing, unwanted };
    }
    return this.#opening.footing;
  }

  async #openAgain(unwanted: AbortSignal): Promise<Result<Footing, Unavailable>> {
    for (let tries = 0; ; tries++) {
      const footing = await this.place.open();
      if (footing.ok || unwanted.aborted) return footing;
      if (tries === MOST_TRIES) {
        this.#log(`the subscriptions of a session are dropped: ${footing.error.why}`);
        return footing;
      }
      await pause(backoff(tries), unwanted);
      if (unwanted.aborted) return footing;
    }
  }

  #log(text: string): void {
    this.#options.log({ server: this.place.server, text });
  }
}

/** Waits for an answer as long as the exchange may take. */
async function answered(accepted: Promise<Outcome>, { line, deadline }: Exchange, now: Now): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const within = Math.max(deadline - now(), 0);
  const late = `no answer within ${Number((within / 1000).toFixed(1))} s`;
  const timer = setTimeout(() => resolve({ outcome: 'unknown', why: late }), Math.min(within, LONGEST_TIMER));
  const cancelled = (): void => resolve({ outcome: 'unknown', why: `${cancelWords(line.signal)} after it was sent` });
  line.signal.addEventListener('abort', cancelled);
  try {
    return await Promise.race([accepted, promise]);
  } finally {
    clearTimeout(timer);
    line.signal.removeEventListener('abort', cancelled);
  }
}
