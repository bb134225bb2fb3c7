/** When a stream that ended is asked for again: a server that ends each one at once is not asked for ever. */
import type { Now } from '../../domain/ports.ts';
import { backoff } from './pause.ts';

/** A stream that ends sooner was hardly served. Milliseconds. */
const SHORT = 5_000;
/** After so many short streams in a row a server gets a rest. */
const MOST_SHORT = 3;
/** Milliseconds. */
const REST = 10 * 60_000;

export interface Ended {
  /** Whether the stream had stood. */
  readonly hadStood: boolean;
  /** Whether the server gets its rest now. */
  readonly isResting: boolean;
  /** Milliseconds to wait before the next try. */
  readonly wait: number;
}

/** The streams of one kind from one server, one after the other. */
export class ShortStreams {
  readonly #now: Now;
  #since: number | undefined;
  #tries = 0;
  #short = 0;

  constructor(now: Now) {
    this.#now = now;
  }

  stands(): void {
    this.#since = this.#now();
  }

  /** The stream ended, or never stood, which says nothing of how long the server's streams last. `wanted`: the server's own wish, in milliseconds. */
  ended(wanted: number): Ended {
    const since = this.#since;
    this.#since = undefined;
    const isLong = since !== undefined && this.#now() - since >= SHORT;
    this.#tries = isLong ? 0 : this.#tries + 1;
    if (since !== undefined) this.#short = isLong ? 0 : this.#short + 1;
    const isResting = this.#short === MOST_SHORT;
    if (isResting) this.#short = 0;
    const wait = isResting ? REST : Math.max(backoff(this.#tries), wanted);
    return { hadStood: since !== undefined, isResting, wait };
  }
}
