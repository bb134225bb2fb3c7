/**
 * What a client of the legacy era has between its requests: those under way, the questions it was asked, its log level, its
 * subscriptions, and where it is told of changes. On stdio there is one a connection, over HTTP one a session id.
 */

import type { ListKind } from '../domain/downstream.ts';
import type { LogLevel } from '../domain/exchange.ts';
import { isRequestId, type Notification, type Response } from '../wire/message.ts';
import { listChangedText } from '../wire/notices.ts';
import { type InFlight, inFlight } from './in-flight.ts';
import { OpenQuestions } from './open-questions.ts';

/** Where a client is told of changes: a stream that it opened, or its line. */
export interface Ear {
  say(message: string): void;
  /** The client has said goodbye. */
  end(): void;
}

/** Tells of lists that changed, until the signal aborts. */
export type ListenTo = (changed: (list: ListKind) => void, until: AbortSignal) => void;

/** How long subscriptions outlive the last stream on which they could be told, in milliseconds: clients open another. */
const LONELY = 60_000;
export const MOST_SUBSCRIPTIONS = 1_000;

export class ClientConnection {
  readonly flights: InFlight = inFlight();
  readonly questions = new OpenQuestions();
  readonly #rested: (connection: ClientConnection) => void;
  /** Made when first needed, like all that a plain call does not need. */
  #subscriptions: Map<string, AbortController> | undefined;
  #ears: readonly Ear[] = [];
  #listening: AbortController | undefined;
  #lonely: NodeJS.Timeout | undefined;
  #logLevel: LogLevel | undefined;
  #over = false;

  /** `rested` is called whenever something has ended: what is left may be nothing. */
  constructor(rested: (connection: ClientConnection) => void) {
    this.#rested = rested;
  }

  get logLevel(): LogLevel | undefined {
    return this.#logLevel;
  }
  set logLevel(level: LogLevel) {
    this.#logLevel = level;
  }

  /** Nothing is under way and nobody listens; something may be remembered. */
  get isIdle(): boolean {
    return this.flights.size === 0 && this.#ears.length === 0;
  }
  get isEmpty(): boolean {
    return this.isIdle && this.#logLevel === undefined && this.subscriptions === 0;
  }
  get subscriptions(): number {
    return this.#subscriptions?.size ?? 0;
  }

  /** What a client says beside its requests: that one is cancelled, or the answer to a question. */
  hear(message: Notification | Response): void {
    if (message.kind === 'response') this.questions.hear(message);
    else if (message.method === 'notifications/cancelled') {
      const { requestId } = message.params;
      if (isRequestId(requestId)) this.flights.cancel(requestId);
    }
  }

  /** Ends a request's place, opened with `flights.open`. */
  close(id: string | number): void {
    this.flights.close(id);
    this.#rested(this);
  }

  /** From now on this ear hears what changes, and no other; the first sets us listening. Gives the end of it. */
  open(ear: Ear, listen: ListenTo): () => void {
    clearTimeout(this.#lonely);
    this.#ears = [ear, ...this.#ears];
    if (this.#listening === undefined) {
      this.#listening = new AbortController();
      listen((list) => this.#tell(listChangedText(list)), this.#listening.signal);
    }
    return () => {
      this.#ears = this.#ears.filter((one) => one !== ear);
      if (this.#ears.length > 0) return;
      this.#listening?.abort();
      this.#listening = undefined;
      this.#waitForEars();
      this.#rested(this);
    };
  }

  /** Each message goes to one stream only (2025-11-25/basic/transports): the newest. */
  #tell(message: string): void {
    this.#ears[0]?.say(message);
  }

  /** Keeps a subscription, in the place of an earlier one to the same resource, until its client or its time ends it. */
  subscribe(uri: string, until: AbortController): void {
    if (this.#over) return void until.abort();
    this.#subscriptions ??= new Map();
    this.#subscriptions.get(uri)?.abort();
    this.#subscriptions.set(uri, until);
    if (this.#ears.length === 0) this.#waitForEars();
  }

  /** Tells of a resource that is subscribed to. */
  updated(message: string): void {
    this.#tell(message);
  }

  unsubscribe(uri: string): void {
    this.#subscriptions?.get(uri)?.abort();
    this.#subscriptions?.delete(uri);
    this.#rested(this);
  }

  #waitForEars(): void {
    clearTimeout(this.#lonely);
    if (this.subscriptions === 0) return;
    this.#lonely = setTimeout(() => {
      this.#endSubscriptions();
      this.#rested(this);
    }, LONELY);
    this.#lonely.unref();
  }

  #endSubscriptions(): void {
    for (const until of this.#subscriptions?.values() ?? []) until.abort();
    this.#subscriptions = undefined;
  }

  /** The client is gone: what is under way is cancelled, and nothing is remembered. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#lonely);
    this.flights.cancelAll();
    for (const ear of this.#ears) ear.end();
    this.#listening?.abort();
    this.#endSubscriptions();
  }
}
