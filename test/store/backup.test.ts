import { copyFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LedgerFault } from '../../src/domain/ports.ts';
import { backUp } from '../../src/store/sqlite/backup.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import { enter, intentOf, START, settlementOf, writeOf } from '../contract/ledger-bench.ts';
import { openSqliteBench, type SqliteBench } from './sqlite-bench.ts';

let bench: SqliteBench;
let to: string;
beforeEach(async () => {
  bench = await openSqliteBench();
  to = join(dirname(bench.file), 'copy.db');
});
afterEach(() => bench.close());

it('a backup taken while calls are made is whole, and restored it is the ledger as it was', async () => {
  const { ledger, file, contentKey } = bench;
  const id = await enter(ledger);
  const kept = writeOf(id, { canonical: '{"a":1}' });
  await ledger.commit(kept);
  await ledger.settle(settlementOf(kept, { recorded: '{"outcome":"ok"}' }));
  let isOver = false;
  const calling = (async () => {
    let made = 0;
    for (; !isOver || made === 0; made++) await ledger.commit(intentOf(id));
    return made;
  })();
  await backUp({ file, to, contentKey });
  isOver = true;
  expect(await calling).toBeGreaterThan(0);
  expect((await stat(to)).mode & 0o777).toBe(0o600);
  const all = (await ledger.journal(id)).length;
  await ledger.close();
  for (const end of ['', '-wal', '-shm']) await rm(file + end, { force: true });
  await copyFile(to, file);
  const restored = await openSqlite({ file, contentKey, role: 'owner' });
  expect(restored.instance).toBe(ledger.instance);
  expect(await restored.verify()).toEqual([]);
  expect(await restored.content(kept.call, 'result')).toBe('{"outcome":"ok"}');
  expect((await restored.journal(id)).length).toBeLessThanOrEqual(all);
  await restored.recover(START);
  expect(await restored.commit(intentOf(id))).toMatchObject({ ok: true });
  await restored.close();
});

it('a backup is taken where no gateway runs, too', async () => {
  const id = await enter(bench.ledger);
  await bench.ledger.close();
  await backUp({ file: bench.file, to, contentKey: bench.contentKey });
  const copy = await openSqlite({ file: to, contentKey: bench.contentKey, role: 'visitor' });
  expect((await copy.look(id, START))?.session.id).toBe(id);
  await copy.close();
});

it('nothing is replaced, and what is not whole leaves no copy', async () => {
  const { file, contentKey } = bench;
  const id = await enter(bench.ledger);
  await writeFile(to, 'something of somebody');
  await expect(backUp({ file, to, contentKey })).rejects.toThrow('is there already');
  await rm(to);
  await bench.tamper(`UPDATE journal SET body = '{}' WHERE session = '${id}'`);
  await expect(backUp({ file, to, contentKey })).rejects.toThrow(LedgerFault);
  await expect(backUp({ file, to, contentKey })).rejects.toThrow('are not whole');
  expect((await readdir(dirname(to))).filter((name) => name.includes('copy'))).toEqual([]);
});
