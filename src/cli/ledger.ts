/** The ledger as a command line uses it: beside the gateway that owns it, on the same file. */
import { existsSync, readFileSync } from 'node:fs';
import { isPostgres } from '../config.ts';
import type { Ledger } from '../domain/ports.ts';
import { type Home, homeOf } from '../home.ts';
import { secretKey } from '../identity/keys.ts';
import { openLedger } from '../store/open-ledger.ts';
import { EXIT, Exit } from './exit.ts';

/** Whether a gateway has run here: without a ledger nothing was ever in force. */
export const hasLedger = (): boolean => storeIn(homeOf(process.env)) !== undefined;

function storeIn(home: Home): string | undefined {
  const store = existsSync(home.ledgerNote) ? readFileSync(home.ledgerNote, 'utf8') : home.ledger;
  return isPostgres(store) || existsSync(store) ? store : undefined;
}

/** Milliseconds since the epoch, as the gateways on this ledger count them. */
export const timeOf = (ledger: Ledger): number => ledger.replicas?.now() ?? Date.now();

/** Opens the ledger, uses it, and closes it. */
export async function withLedger<T>(use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const home = homeOf(process.env);
  const store = storeIn(home);
  if (store === undefined) {
    throw new Exit(EXIT.unavailable, [
      `there is no ledger in ${home.folder} yet: start the gateway (tollgate serve), or set TOLLGATE_HOME`,
    ]);
  }
  const ledger = await openLedger({ store, contentKey: secretKey(home.keys, 'content'), role: 'visitor' });
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}
