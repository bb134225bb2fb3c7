/** Recovery: the calls of dead processes are settled, at the start, and where others share the ledger for as long as this runs. */
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

/** Recovers once, then as long as it is not ended. Rejects with `LedgerFault` where the first time fails. */
export async function keepRecovering({ ledger, now, unsettled, report }: Recovering): Promise<{ end(): void }> {
  const recover = async (): Promise<void> => {
    const unknown = await ledger.recover(now());
    if (unknown === 0) return;
    const calls = unknown === 1 ? 'call was' : 'calls were';
    report(`${unknown} ${calls} under way when a Tollgate stopped: outcome unknown, not repeated`);
  };
  await recover();
  if (ledger.replicas === undefined) return { end: () => undefined };
  let steady = STEADY;
  const timer = setInterval(() => {
    steady = ledger.standing().holds() ? steady + 1 : 0;
    // Where the ledger is away, nothing can be told of the others, and this is tried again.
    unsettled
      .settle()
      .then(() => (steady >= STEADY ? recover() : undefined))
      .catch(() => undefined);
  }, EVERY).unref();
  return { end: () => clearInterval(timer) };
}
