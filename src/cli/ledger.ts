/** The ledger as a command line uses it: beside the gateway that owns it, on the same file. */
import { existsSync, readFileSync } from 'node:fs';
import type { Ledger } from '../domain/ports.ts';
import { type Home, homeOf } from '../home.ts';
import { secretKey } from '../identity/keys.ts';
import { openSqlite } from '../store/sqlite/sqlite.ts';
import { EXIT, Exit } from './exit.ts';

/** Whether a gateway has run here: without a ledger nothing was ever in force. */
export const hasLedger = (): boolean => ledgerFile(homeOf(process.env)) !== undefined;

function ledgerFile(home: Home): string | undefined {
  const file = existsSync(home.ledgerNote) ? readFileSync(home.ledgerNote, 'utf8') : home.ledger;
  return existsSync(file) ? file : undefined;
}

/** Opens the ledger, uses it, and closes it. */
export async function withLedger<T>(use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const home = homeOf(process.env);
  const file = ledgerFile(home);
  if (file === undefined) {
    throw new Exit(EXIT.unavailable, [
      `there is no ledger in ${home.folder} yet: start the gateway (tollgate serve), or set TOLLGATE_HOME`,
    ]);
  }
  const ledger = await openSqlite({ file, contentKey: secretKey(home.keys, 'content'), role: 'visitor' });
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}
