import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { LedgerFault } from '../../src/domain/ports.ts';
import { APPLICATION_ID, MIGRATIONS } from '../../src/store/sqlite/schema.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import { enter, intentOf, START } from '../contract/ledger-bench.ts';

it('a ledger of the first version is brought up to date by its owner, and its calls say when they were made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-migrations-'));
  const file = join(folder, 'ledger.db');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const old = new DatabaseSync(file);
  old.exec(MIGRATIONS[0] ?? '');
  old.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1;
    INSERT INTO journal VALUES (7, 's_old', 1, 0, ${START}, 'intent', 'call_old', '{}', 'sha256:x');
    INSERT INTO call (id, session, target, digest, effect, deadline, intent)
      VALUES ('call_old', 's_old', 'files.read', 'sha256:1', 'read', ${START}, 7);`);
  old.close();
  const contentKey = new Uint8Array(32);
  await expect(openSqlite({ file, contentKey, role: 'visitor' })).rejects.toThrow(LedgerFault);
  const ledger = await openSqlite({ file, contentKey, role: 'owner' });
  const id = await enter(ledger);
  expect(await ledger.commit(intentOf(id, { labels: ['private'] }))).toMatchObject({ ok: true });
  expect((await ledger.look(id, START))?.labels).toEqual(['private']);
  await ledger.close();
  const now = new DatabaseSync(file);
  expect(now.prepare(`SELECT at, fields FROM call WHERE id = 'call_old'`).get()).toEqual({ at: START, fields: '{}' });
  expect(now.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length });
  now.close();
});
