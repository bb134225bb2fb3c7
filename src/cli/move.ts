/** `tollgate backup FILE` and `tollgate ledger move`: a ledger's copy, and a ledger elsewhere. */
import { resolve } from 'node:path';
import { isPostgres } from '../config.ts';
import { homeOf } from '../home.ts';
import { secretKey } from '../identity/keys.ts';
import { moveLedger as move } from '../store/move-ledger.ts';
import { nameOf } from '../store/postgres/connections.ts';
import { backUp } from '../store/sqlite/backup.ts';
import { EXIT, Exit } from './exit.ts';
import { storeIn } from './ledger.ts';

export async function backUpLedger(to: string): Promise<void> {
  const home = homeOf(process.env);
  const store = storeIn(home);
  if (isPostgres(store)) {
    throw new Exit(EXIT.refused, [
      `the ledger is in PostgreSQL, which backs itself up: pg_dump --format=custom --file=${to} ${withoutPassword(store)}`,
    ]);
  }
  await backUp({ file: store, to: resolve(to), contentKey: secretKey(home.keys, 'content') });
  process.stdout.write(`The ledger is copied to ${to}, and the copy is whole. Keep ${home.keys} as well, elsewhere.\n`);
}

/** What pg_dump is to be given; it asks for the password, or finds it in ~/.pgpass. */
function withoutPassword(store: string): string {
  const url = new URL(store);
  url.password = '';
  return url.href;
}

export async function moveLedger({ from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  if (isPostgres(from) || !isPostgres(to))
    throw new Exit(EXIT.usage, ['a ledger is moved --from sqlite:FILE --to postgres://...']);
  await move(resolve(from), to);
  process.stdout.write(`The ledger is in ${nameOf(to)}, and every chain is whole. Start Tollgate with that store.\n`);
}
