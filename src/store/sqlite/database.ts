/** Opens the file: creates it where the owner may, brings its format up to date, and checks that the key is its own. */
import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CHAIN_START } from '../../domain/journal.ts';
import { LedgerFault } from '../../domain/ports.ts';
import type { Role } from '../operations.ts';
import type { WriterSettings } from './messages.ts';
import { refuseMoved } from './moved.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';

/** How long to wait for another process's transaction, in milliseconds. */
const BUSY_TIMEOUT = 5_000;

export interface Opened {
  readonly db: DatabaseSync;
  readonly instance: string;
}

/** Throws what SQLite, the file system or a check throws; leaves nothing open then. */
export function openDatabase({ file, contentKey, role }: WriterSettings): Opened {
  if (contentKey.length !== 32) throw new LedgerFault('The content key of the ledger must be 32 bytes.');
  if (role === 'owner')
    closeSync(openSync(file, 'a', 0o600)); // SQLite gives its side files the same mode
  else if (!existsSync(file)) throw new LedgerFault(`There is no ledger ${file} yet. Start the gateway first.`);
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
  try {
    inTransaction(db, () => refuseStranger(db, file));
    if (role === 'owner') db.exec('PRAGMA journal_mode = WAL');
    const instance = inTransaction(db, () => {
      bringUpToDate(db, file, role);
      refuseMoved(db, file);
      return introduce(db, file, contentKey);
    });
    db.exec('PRAGMA synchronous = FULL');
    db.exec('PRAGMA secure_delete = FAST'); // a destroyed key leaves no trace on the page that it stood on
    return { db, instance };
  } catch (error) {
    db.close();
    throw error;
  }
}

function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    db.exec('COMMIT');
    return value;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

const numberOf = (db: DatabaseSync, sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0]);

/**
 * Carries what was written into the file and empties the log of writes, in which a destroyed key may still stand. Where somebody
 * reads, that waits for another time.
 */
export function emptyLog(db: DatabaseSync): void {
  db.exec(`PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
}

/** What the file needs of the disk: pages that nothing lies on any more are written again before it grows. */
export const bytesUsed = (db: DatabaseSync): number =>
  (numberOf(db, 'PRAGMA page_count') - numberOf(db, 'PRAGMA freelist_count')) * numberOf(db, 'PRAGMA page_size');

function refuseStranger(db: DatabaseSync, file: string): void {
  const empty = numberOf(db, 'SELECT count(*) FROM sqlite_schema') === 0;
  if (!empty && numberOf(db, 'PRAGMA application_id') !== APPLICATION_ID) {
    throw new LedgerFault(`The database ${file} belongs to another program. Name another file.`);
  }
}

function bringUpToDate(db: DatabaseSync, file: string, role: Role): void {
  const version = numberOf(db, 'PRAGMA user_version');
  if (version > MIGRATIONS.length) {
    throw new LedgerFault(`The ledger ${file} was written by a newer Tollgate. Update this one.`);
  }
  if (version === MIGRATIONS.length) return;
  if (role === 'visitor') {
    throw new LedgerFault(`The ledger ${file} was written by an older Tollgate. Restart the gateway to update it.`);
  }
  for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
}

/** The ledger's name; a ledger that has none yet gets one and takes this key for its own. */
function introduce(db: DatabaseSync, file: string, contentKey: Uint8Array): string {
  const check = createHmac('sha256', contentKey).update('tollgate content key check 1').digest();
  const row = db.prepare('SELECT instance, key_check FROM ledger').get();
  if (row === undefined) {
    const instance = `ledger_${randomBytes(16).toString('base64url')}`;
    db.prepare('INSERT INTO ledger VALUES (1, ?, ?, 0, ?, 0)').run(instance, check, CHAIN_START);
    return instance;
  }
  if (!check.equals(row['key_check'] as Uint8Array)) {
    throw new LedgerFault(
      `The ledger ${file} was written under another content key. Give back the key it was made with.`,
    );
  }
  return String(row['instance']);
}
