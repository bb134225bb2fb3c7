/** One subscription to one resource, and all who share it. */
import type { Subscriber } from '../domain/exchange.ts';
import { isDeeper } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Now } from '../domain/ports.ts';
import type { Reply } from './links/channel.ts';
import type { Link, Over } from './links/link.ts';
import { unansweredOutcome } from './unanswered-outcome.ts';

/** A subscription that held for so long was served. Milliseconds. */
const SERVED = 5_000;
/** Levels of objects and lists in the data of an error. */
const DEEPEST_DATA = 64;

export class Subscription {
  readonly uri: string;
  readonly #now: Now;
  readonly #subscribers = new Map<Subscriber, () => void>();
  readonly #over = new AbortController();
  readonly #accepted = Promise.withResolvers<Outcome>();
  #hasStood = false;

  constructor(uri: string, now: Now) {
    this.uri = uri;
    this.#now = now;
  }

  /** What became of the first request for it. */
  get accepted(): Promise<Outcome> {
    return this.#accepted.promise;
  }

  /** Whether the server has ever accepted it. */
  get hasStood(): boolean {
    return this.#hasStood;
  }

  /** Aborts when nobody wants it any more. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Tells this subscriber until its signal aborts, or until `leave`. */
  join(subscriber: Subscriber): void {
    if (this.#subscribers.has(subscriber)) return;
    const left = (): void => this.leave(subscriber);
    this.#subscribers.set(subscriber, left);
    subscriber.signal.addEventListener('abort', left);
  }

  leave(subscriber: Subscriber): void {
    const left = this.#subscribers.get(subscriber);
    if (left === undefined) return;
    subscriber.signal.removeEventListener('abort', left);
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size === 0) this.#over.abort();
  }

  /** Lets all subscribers go. `outcome`: for those whose first request was not answered yet. */
  end(outcome: Outcome): void {
    this.#accepted.resolve(outcome);
    for (const subscriber of this.#subscribers.keys()) this.leave(subscriber);
    this.#over.abort();
  }

  /** Holds it on this connection until one side ends it. `served`: whether it was held for a while. Never rejects. */
  async hold(link: Pick<Link, 'subscribe'>): Promise<{ readonly over: Over; readonly served: boolean }> {
    let since: number | undefined;
    let early = false;
    const over = await link.subscribe({
      uri: this.uri,
      signal: this.over,
      stands: () => {
        since = this.#now();
        const wasMissed = this.#hasStood || early;
        this.#hasStood = true;
        this.#accepted.resolve({ outcome: 'ok', result: {} });
        if (wasMissed) this.#tell(this.uri);
      },
      // The notice of a change may overtake the server's yes.
      updated: (uri) => {
        if (!isWithin(uri, this.uri)) return;
        if (since === undefined) early = true;
        else this.#tell(uri);
      },
    });
    return { over, served: since !== undefined && this.#now() - since >= SERVED };
  }

  #tell(uri: string): void {
    for (const subscriber of this.#subscribers.keys()) subscriber.updated(uri);
  }
}

/** Whether this is the resource that was subscribed to, or one below it (2025-11-25, ResourceUpdatedNotification). */
function isWithin(uri: string, subscribed: string): boolean {
  if (!uri.startsWith(subscribed)) return false;
  return uri.length === subscribed.length || subscribed.endsWith('/') || '/?#'.includes(uri.charAt(subscribed.length));
}

/** Why a subscription was not accepted. */
export function refusalOf(reply: Reply): Outcome {
  switch (reply.kind) {
    case 'error': {
      const { code, message, data } = reply;
      return data === undefined || isDeeper(data, DEEPEST_DATA)
        ? { outcome: 'rpc_error', code, message }
        : { outcome: 'rpc_error', code, message, data };
    }
    case 'result':
      return { outcome: 'withheld', why: 'the server ended the subscription without accepting it' };
    default:
      return unansweredOutcome(reply);
  }
}
