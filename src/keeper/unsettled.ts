/** Outcomes that the ledger could not take, or that it may lack: written once it can be used again, so that no intent stays open. */
import type { Ledger, Settlement } from '../domain/ports.ts';

export class Unsettled {
  readonly #ledger: Pick<Ledger, 'settle' | 'replicas'>;
  readonly #left = new Map<string, Settlement>();

  constructor(ledger: Pick<Ledger, 'settle' | 'replicas'>) {
    this.#ledger = ledger;
  }

  readonly later = (settlement: Settlement): void => {
    // A file is written whole or not at all, and its owner recovers what it left.
    if (this.#ledger.replicas !== undefined) this.#left.set(settlement.call, settlement);
  };

  /** Rejects with `LedgerFault` where it cannot be used yet; the rest stays for the next time. */
  async settle(): Promise<void> {
    for (const [call, settlement] of this.#left) {
      // Its intent may never have been written, or others may have settled it.
      if ((await this.#ledger.replicas?.underWay(call)) !== undefined) await this.#ledger.settle(settlement);
      this.#left.delete(call);
    }
  }
}
