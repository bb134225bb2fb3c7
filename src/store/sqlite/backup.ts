/** A copy of a ledger's file, taken while it is in use. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerFault } from '../../domain/ports.ts';
import { faultSentence } from './faults.ts';
import { openSqlite } from './sqlite.ts';

export interface BackupOptions {
  readonly file: string;
  /** Absolute path. There must be nothing yet. */
  readonly to: string;
  readonly contentKey: Uint8Array;
}

/**
 * Copies the ledger as it is at one moment, whole, without what was erased from it, and checks the copy: that SQLite finds it
 * sound, that it opens under this key and that its chains are whole. Nobody waits for it. Rejects with `LedgerFault`; then there
 * is no copy.
 */
export async function backUp({ file, to, contentKey }: BackupOptions): Promise<void> {
  if (existsSync(to)) throw new LedgerFault(`${to} is there already. Name a file that is not.`);
  const unfinished = `${to}.${randomBytes(8).toString('hex')}.unfinished`;
  try {
    copy(file, unfinished);
    const ledger = await openSqlite({ file: unfinished, contentKey, role: 'visitor' });
    const problems = await ledger.verify().finally(() => ledger.close());
    if (problems.length > 0) throw new LedgerFault(`The chains of ${file} are not whole: ${problems.join('; ')}.`);
    sync(unfinished);
    linkSync(unfinished, to); // a link never replaces
    sync(dirname(to));
  } catch (error) {
    throw new LedgerFault(faultSentence(to, error));
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** In one read transaction: writers go on beside it. */
function copy(file: string, to: string): void {
  closeSync(openSync(to, 'wx', 0o600));
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
  const made = new DatabaseSync(to, { readOnly: true });
  try {
    const sound = made.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
    if (sound !== 'ok') throw new LedgerFault(`The copy of ${file} is damaged: ${String(sound)}.`);
  } finally {
    made.close();
  }
}

function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
