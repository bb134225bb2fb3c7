/** The ledger in whichever home the deployment names. */
import { isPostgres } from '../config.ts';
import type { Ledger } from '../domain/ports.ts';
import type { Role } from './operations.ts';
import { openPostgres } from './postgres/postgres.ts';
import { openSqlite } from './sqlite/sqlite.ts';

export interface LedgerPlace {
  /** The path of a SQLite file, or the URL of a PostgreSQL database. */
  readonly store: string;
  readonly contentKey: Uint8Array;
  /** Undefined for a visitor. */
  readonly sealKey?: Uint8Array;
  readonly role: Role;
}

/** Rejects with `LedgerFault` where the store, its format or the key does not allow it. */
export const openLedger = ({ store, role, ...keys }: LedgerPlace): Promise<Ledger> =>
  isPostgres(store)
    ? openPostgres({ url: store, role, ...keys })
    : openSqlite({ file: store, contentKey: keys.contentKey, role });
