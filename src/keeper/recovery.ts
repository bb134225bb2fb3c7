/**
 * Recovery: the calls of dead processes are settled, at the start, and where others share the ledger for as long as this runs.
 * So are this gateway's own that the ledger could not take the outcome of.
 */
import type { Ledger, Now } from '../domain/ports.ts';
import type { Unsettled } from './unsettled.ts';

/** Milliseconds. */
const EVERY = 5_000;
/** So often in a row must this gateway have been in touch itself before it takes others for dead: after an outage all come back. */
const STEADY = 3;

export interface Recovering {
  readonly ledger: Ledger;
  readonly now: Now;
  /** What this gateway itself could not settle yet. */
  readonly unsettled: Unsettled;
  readonly report: (line: string) => void;
}

/**
 * Recovers once, then as long as it is not ended. Rejects with `LedgerFault` where the first time fails. What the ledger does
 * not take at the end either is recovered as `unknown`, by the next gateway or by another one.
 */
export async function keepRecovering(options: Recovering): Promise<{ end(): Promise<void> }> {
  const { ledger, now, unsettled, report } = options;
  const recover = async (): Promise<void> => {
    const unknown = await ledger.recover(now());
    if (unknown === 0) return;
    const calls = unknown === 1 ? 'call was' : 'calls were';
    report(`${unknown} ${calls} under way when a Tollgate stopped: outcome unknown, not repeated`);
  };
  await recover();
  let steady = STEADY;
  const timer = setInterval(() => {
    steady = ledger.replicas !== undefined && ledger.standing().holds() ? steady + 1 : 0;
    // Where the ledger is away, nothing can be told of the others, and this is tried again.
    unsettled
      .settle()
      .then(() => (steady >= STEADY ? recover() : undefined))
      .catch(() => undefined);
  }, EVERY).unref();
  return {
    end: async () => {
      clearInterval(timer);
      await unsettled.settle().catch(() => undefined);
    },
  };
}
