/** Fetches the letters of this replica as they come, and sends its own. */
import type { Replicas } from '../domain/replicas.ts';
import type { Order, Post, Said } from './errand.ts';

/** Letters are looked for at least so often, whether a notice came or not. Milliseconds. */
const LOOK_EVERY = 2_000;
/** Of letters that could not be sent, so many are kept; beyond, progress and logs are dropped. */
const MOST_KEPT = 1_000;

export interface Heard {
  readonly from: string;
  readonly errand: string;
  readonly said: Said;
  readonly isFromLiving: boolean;
}

export interface PostOfficeOptions {
  readonly replicas: Replicas;
  readonly hear: (heard: Heard) => void;
  /** Called about every two seconds while the ledger can be used. */
  readonly look: () => Promise<void>;
}

interface Outgoing {
  readonly to: string;
  readonly errand: string;
  readonly said: Said;
}

export class PostOffice implements Post {
  readonly #options: PostOfficeOptions;
  readonly #closing = new AbortController();
  readonly #looking: Promise<void>;
  #outbox: readonly Outgoing[] = [];
  #sending: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: PostOfficeOptions) {
    this.#options = options;
    this.#looking = this.#fetch();
  }

  say(to: string, errand: string, said: Said): void {
    const isAside = said.say === 'progress' || said.say === 'log';
    if (isAside && this.#outbox.length >= MOST_KEPT) return;
    this.#outbox = [...this.#outbox, { to, errand, said }];
    void this.#send();
  }

  order(to: string, errand: string, order: Order): Promise<void> {
    return this.#options.replicas.post(to, textOf({ errand, said: order }));
  }

  /** Sends what is to be said, as far as that can be done now. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#looking;
    await this.#send();
  }

  async #fetch(): Promise<void> {
    const { replicas, look, hear } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      // Listened for before it is looked at, so that nothing falls in between.
      const enough = AbortSignal.any([signal, AbortSignal.timeout(LOOK_EVERY)]);
      const written = replicas.written(enough);
      try {
        for (const { text, ...letter } of await replicas.letters()) hear({ ...letter, ...read(text) });
        void this.#send();
        if (performance.now() - this.#lookedAt >= LOOK_EVERY) {
          this.#lookedAt = performance.now();
          await look();
        }
      } catch {
        // The ledger is away. Whoever waits for an answer goes on waiting, and is told once it is back.
        await untilAborted(enough);
      }
      await written;
    }
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#outbox.length > 0) {
      const sent = this.#outbox;
      this.#outbox = [];
      const posted = await Promise.allSettled(
        sent.map(({ to, errand, said }) => this.#options.replicas.post(to, textOf({ errand, said }))),
      );
      const failed = sent.filter((_, index) => posted[index]?.status === 'rejected');
      this.#outbox = [...failed, ...this.#outbox];
      if (failed.length > 0) return;
    }
  }
}

interface Written {
  readonly errand: string;
  readonly said: Said;
}

const textOf = (written: Written): string => JSON.stringify(written);

/** Sealed by a replica that has the same key: believed. */
const read = (text: string): Written => JSON.parse(text) as Written;

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
