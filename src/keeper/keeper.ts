/** What happens without a caller: sessions that grow too old expire, and what runs for those that are over or idle ends. */

import { closeIdle } from './close-idle.ts';
import type { Kept } from './kept.ts';

/** Between two rounds, in milliseconds. */
const EVERY = 10_000;

export class Keeper {
  readonly #kept: Kept;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(kept: Kept) {
    this.#kept = kept;
  }

  /** Goes round from now on. Keeps no process alive. */
  start(): void {
    this.#timer = setInterval(() => {
      if (this.#round !== undefined) return;
      this.#round = this.round()
        .catch(this.#kept.fault)
        .finally(() => {
          this.#round = undefined;
        });
    }, EVERY).unref();
  }

  /** Does once what there is to do. Rejects with `LedgerFault`. */
  async round(): Promise<void> {
    await expireAged(this.#kept);
    await this.#kept.endOver();
    await closeIdle(this.#kept);
  }

  /** Resolves when the round that is under way has ended. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }
}

/** By the policies that are in force now. */
async function expireAged({ ledger, profiles, now }: Kept): Promise<void> {
  const limits = [...profiles.values()].flatMap(({ name, life: { maxAge } }) =>
    maxAge === undefined ? [] : [{ profile: name, maxAge }],
  );
  if (limits.length > 0) await ledger.expireAged(limits, now());
}
