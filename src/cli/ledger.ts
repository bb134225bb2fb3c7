/** The ledger as a command line uses it: beside the gateway that owns it, on the same file. */
import { existsSync, readFileSync } from 'node:fs';
import { isPostgres } from '../config.ts';
import type { Ledger } from '../domain/ports.ts';
import { KEEP_ALL } from '../domain/retention.ts';
import { type Home, homeOf } from '../home.ts';
import { secretKey } from '../identity/keys.ts';
import { openLedger } from '../store/open-ledger.ts';
import { EXIT, Exit } from './exit.ts';

/** Whether a gateway has run here: without a ledger nothing was ever in force. */
export const hasLedger = (): boolean => foundIn(homeOf(process.env)) !== undefined;

function foundIn(home: Home): string | undefined {
  const store = existsSync(home.ledgerNote) ? readFileSync(home.ledgerNote, 'utf8') : home.ledger;
  return isPostgres(store) || existsSync(store) ? store : undefined;
}

/** The file or URL of the ledger. Ends the command where no gateway has run here. */
export function storeIn(home: Home): string {
  const store = foundIn(home);
  if (store !== undefined) return store;
  throw new Exit(EXIT.unavailable, [
    `there is no ledger in ${home.folder} yet: start the gateway (tollgate serve), or set TOLLGATE_HOME`,
  ]);
}

/** Milliseconds since the epoch, as the gateways on this ledger count them. */
export const timeOf = (ledger: Ledger): number => ledger.replicas?.now() ?? Date.now();

/** Opens the ledger, uses it, and closes it. `quotas`: what bounds a command that adds to what is kept. */
export async function withLedger<T>(use: (ledger: Ledger) => Promise<T>, quotas = KEEP_ALL.quotas): Promise<T> {
  const home = homeOf(process.env);
  const store = storeIn(home);
  const ledger = await openLedger({ store, contentKey: secretKey(home.keys, 'content'), role: 'visitor', quotas });
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}
