/**
 * Outcomes that the ledger could not take when they came, since its disk was full or its database away. Who called was told
 * `unknown`, and so is the ledger as soon as it takes anything: until then the call counts as in flight.
 */
import type { Ledger, Settlement } from '../domain/ports.ts';
import { every } from './every.ts';

/** How often to try again, in milliseconds. */
const PAUSE = 2_000;

export class LateOutcomes {
  readonly #ledger: Ledger;
  readonly #waiting = new Map<string, Settlement>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  add(settlement: Settlement): void {
    this.#waiting.set(settlement.call, settlement);
  }

  /** Rejects with the first `LedgerFault`; what was not taken stays. */
  async settle(): Promise<void> {
    const settling = [...this.#waiting.values()].map(async (settlement) => {
      await this.#ledger.settle(settlement);
      this.#waiting.delete(settlement.call);
    });
    const first = (await Promise.allSettled(settling)).find((one) => one.status === 'rejected');
    if (first !== undefined) throw first.reason;
  }

  /** Answers how to end it. What the ledger never took is recovered as `unknown` at the next start. */
  start(): () => Promise<void> {
    const end = every(
      PAUSE,
      () => this.settle(),
      () => undefined,
    ); // who added it has reported why
    return async () => {
      await end();
      await this.settle().catch(() => undefined);
    };
  }
}
