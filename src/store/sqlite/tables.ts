/** The tables of one open file, and what is kept in memory of them. */
import type { DatabaseSync } from 'node:sqlite';
import { Contents } from '../contents.ts';
import type { Store } from '../store.ts';
import { SqliteAcceptanceRows } from './acceptance-rows.ts';
import { SqliteCallRows } from './call-rows.ts';
import { SqliteChainRows } from './chain-rows.ts';
import { SqliteContentRows } from './content-rows.ts';
import { SqliteHoldRows } from './hold-rows.ts';
import type { WriterSettings } from './messages.ts';
import { SqlitePastRows } from './past-rows.ts';
import { SqliteSessionRows } from './session-rows.ts';

export interface SqliteStore extends Store {
  readonly sessions: SqliteSessionRows;
  readonly calls: SqliteCallRows;
}

export const storeOf = (db: DatabaseSync, { role, contentKey }: WriterSettings): SqliteStore => ({
  role,
  sessions: new SqliteSessionRows(db),
  calls: new SqliteCallRows(db),
  past: new SqlitePastRows(db),
  holds: new SqliteHoldRows(db),
  acceptances: new SqliteAcceptanceRows(db),
  chains: new SqliteChainRows(db),
  contents: new Contents(new SqliteContentRows(db), contentKey),
  changed: new Set(),
});

/** After a rollback or a foreign write: what is kept in memory may not be what the file says. */
export function forget({ sessions, calls }: SqliteStore): void {
  sessions.forget();
  calls.forget();
}
