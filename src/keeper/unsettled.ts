/**
 * What became of calls, where the ledger could not take it, since its disk was full or its database away: written once it can
 * be used again, so that no intent stays open. Until then such a call counts as in flight.
 */
import type { Ledger, Settlement } from '../domain/ports.ts';

export class Unsettled {
  readonly #ledger: Pick<Ledger, 'settle' | 'madeCall'>;
  readonly #left = new Map<string, Settlement>();

  constructor(ledger: Pick<Ledger, 'settle' | 'madeCall'>) {
    this.#ledger = ledger;
  }

  readonly later = (settlement: Settlement): void => {
    this.#left.set(settlement.call, settlement);
  };

  /** Rejects with `LedgerFault` where it cannot be used yet; the rest stays for the next time. */
  async settle(): Promise<void> {
    for (const [call, settlement] of this.#left) {
      // Its intent may never have been written, or others may have settled it.
      const made = await this.#ledger.madeCall(settlement.session, call);
      if (made !== undefined && made.outcome === undefined) await this.#ledger.settle(settlement);
      this.#left.delete(call);
    }
  }
}
