import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Intent } from '../../src/domain/ports.ts';
import { Batches } from '../../src/store/batches.ts';
import { openDatabase } from '../../src/store/database.ts';
import { storeOf } from '../../src/store/store.ts';
import { intentOf, KEY, START, settlementOf } from '../contract/ledger-bench.ts';

const FULL = 2;
const NORMAL = 1;

/** A writer's batches in this thread, on a file of their own. */
function opened() {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-batches-'));
  const settings = { file: join(folder, 'ledger.db'), contentKey: new Uint8Array(32), role: 'owner' } as const;
  const { db } = openDatabase(settings);
  onTestFinished(() => {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const batches = new Batches(db, storeOf(db, settings));
  const [{ session } = { session: undefined }] = batches.run([['enter', { key: KEY, at: START }]]).moved;
  if (session === undefined) throw new Error('no session was opened');
  return {
    session: session.id,
    /** Whether the transaction of this intent waited for the disk. */
    committed: (intent: Intent): unknown => {
      expect(batches.run([['commit', intent]]).answers).toMatchObject([{ value: { ok: true } }]);
      return db.prepare('PRAGMA synchronous').get()?.['synchronous'];
    },
    settled: (intent: Intent): unknown => {
      batches.run([['settle', settlementOf(intent)]]);
      return db.prepare('PRAGMA synchronous').get()?.['synchronous'];
    },
  };
}

it('the intent of a read that raises a label waits for the disk, as no read does that raises none', () => {
  const { session, committed, settled } = opened();
  const raising = intentOf(session, { labels: ['private'] });
  expect(committed(intentOf(session))).toBe(NORMAL);
  expect(committed(raising)).toBe(FULL);
  expect(settled(raising)).toBe(NORMAL);
  expect(committed(intentOf(session, { labels: ['private'] }))).toBe(NORMAL);
  expect(committed(intentOf(session, { labels: ['private', 'untrusted'] }))).toBe(FULL);
});
