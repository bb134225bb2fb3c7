/** What waits, look by look: at once, and whenever that changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hold } from '../../domain/hold.ts';
import type { Ledger } from '../../domain/ports.ts';
import { timeOf } from '../ledger.ts';

export interface Look {
  /** Newest first, as `tollgate holds` lists them. */
  readonly open: readonly Hold[];
  /** Of these, those that were not there before; at the first look all. */
  readonly appeared: readonly Hold[];
  /** Those that wait no more, as they stand now. */
  readonly gone: readonly Hold[];
}

/** The longest between two looks, in milliseconds. */
const LONGEST = 30_000;

/** Ends when `signal` aborts. Throws `LedgerFault`. */
export async function* looks(ledger: Ledger, signal: AbortSignal): AsyncGenerator<Look> {
  let known: ReadonlySet<string> = new Set();
  while (!signal.aborted) {
    const enough = new AbortController();
    const until = AbortSignal.any([signal, enough.signal]);
    try {
      // Listens before it looks, so that nothing falls between the two.
      const changed = ledger.changed('holds', until);
      const at = timeOf(ledger);
      const open = await ledger.holds({ open: true }, at);
      const now = new Set(open.map(({ id }) => id));
      const left = [...known].filter((id) => !now.has(id));
      const gone = (await Promise.all(left.map((id) => ledger.hold(id, at)))).filter((hold) => hold !== undefined);
      const appeared = open.filter(({ id }) => !known.has(id));
      known = now;
      yield { open, appeared, gone };
      const wait = Math.min(LONGEST, ...open.map(({ expiresAt }) => Math.max(expiresAt - timeOf(ledger), 0)));
      await Promise.race([changed, sleep(wait, undefined, { signal: until }).catch(() => undefined)]);
    } finally {
      enough.abort();
    }
  }
}
