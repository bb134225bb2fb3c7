/** A file whose ledger lies elsewhere: it says so to whoever opens it. */
import type { DatabaseSync } from 'node:sqlite';
import { LedgerFault } from '../../domain/ports.ts';

export interface Moved {
  /** Where to, for people: without a password. */
  readonly place: string;
  /** Until then the file is still the ledger, and nobody may use it. */
  readonly isFinished: boolean;
}

export function readMoved(db: DatabaseSync): Moved | undefined {
  const row = db.prepare('SELECT place, finished FROM moved').get();
  return row === undefined ? undefined : { place: String(row['place']), isFinished: row['finished'] === 1 };
}

/** Once it is committed, nobody opens the file as a ledger any more. */
export function writeMoved(db: DatabaseSync, { place, isFinished }: Moved): void {
  db.prepare(
    'INSERT INTO moved VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE SET place = excluded.place, finished = excluded.finished',
  ).run(place, isFinished ? 1 : 0);
}

/** Throws `LedgerFault` where the file is no ledger any more, or might not be. */
export function refuseMoved(db: DatabaseSync, file: string): void {
  const moved = readMoved(db);
  if (moved === undefined) return;
  throw new LedgerFault(
    moved.isFinished
      ? `The ledger ${file} was moved to ${moved.place}. Name that as the store.`
      : `The ledger ${file} was being moved to ${moved.place} when that was interrupted. Run the same tollgate ledger move again.`,
  );
}
