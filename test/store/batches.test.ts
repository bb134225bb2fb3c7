import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Intent } from '../../src/domain/ports.ts';
import { Batches } from '../../src/store/sqlite/batches.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { intentOf, KEY, START, settlementOf } from '../contract/ledger-bench.ts';

const FULL = 2;
const NORMAL = 1;

/** A writer's batches in this thread, on a file of their own. */
async function opened() {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-batches-'));
  const settings = { file: join(folder, 'ledger.db'), contentKey: new Uint8Array(32), role: 'owner' } as const;
  const { db } = openDatabase(settings);
  onTestFinished(() => {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const batches = new Batches(db, settings);
  const { moved } = await batches.run([['enter', { key: KEY, at: START, most: undefined }]]);
  const [{ session } = { session: undefined }] = moved;
  if (session === undefined) throw new Error('no session was opened');
  return {
    session: session.id,
    /** Whether the transaction of this intent waited for the disk. */
    committed: async (intent: Intent): Promise<unknown> => {
      expect((await batches.run([['commit', intent]])).answers).toMatchObject([{ value: { ok: true } }]);
      return db.prepare('PRAGMA synchronous').get()?.['synchronous'];
    },
    settled: async (intent: Intent): Promise<unknown> => {
      await batches.run([['settle', settlementOf(intent)]]);
      return db.prepare('PRAGMA synchronous').get()?.['synchronous'];
    },
  };
}

it('the intent of a read that raises a label waits for the disk, as no read does that raises none', async () => {
  const { session, committed, settled } = await opened();
  const raising = intentOf(session, { labels: ['private'] });
  expect(await committed(intentOf(session))).toBe(NORMAL);
  expect(await committed(raising)).toBe(FULL);
  expect(await settled(raising)).toBe(NORMAL);
  expect(await committed(intentOf(session, { labels: ['private'] }))).toBe(NORMAL);
  expect(await committed(intentOf(session, { labels: ['private', 'untrusted'] }))).toBe(FULL);
});
