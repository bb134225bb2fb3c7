import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { LedgerFault } from '../../src/domain/ports.ts';
import { faultSentence } from '../../src/store/sqlite/faults.ts';

/** What SQLite throws when `provoke` does its worst to a small database. */
function thrown(provoke: (db: DatabaseSync) => void): unknown {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE t (x)');
  try {
    provoke(db);
  } catch (error) {
    return error;
  } finally {
    db.close();
  }
  throw new Error('nothing was thrown');
}

it('a full disk says that it is full and what to do', () => {
  const full = thrown((db) => {
    db.exec('PRAGMA max_page_count = 3');
    db.exec('INSERT INTO t VALUES (zeroblob(100000))');
  });
  expect(faultSentence('/a/ledger.db', full)).toBe(
    'The ledger /a/ledger.db cannot grow: the disk is full. Free some space; nothing of the refused operation was written.',
  );
});

it('a read-only database says that it cannot be written', () => {
  const readonly = thrown((db) => db.exec('PRAGMA query_only = ON; INSERT INTO t VALUES (1)'));
  expect(faultSentence('l.db', readonly)).toContain('cannot be written. Give this user write permission');
});

it('what nobody foresaw is told in its own words', () => {
  expect(
    faultSentence(
      'l.db',
      thrown((db) => db.exec('SELECT absent')),
    ),
  ).toContain('no such column: absent');
  expect(faultSentence('l.db', new LedgerFault('As it is.'))).toBe('As it is.');
});
