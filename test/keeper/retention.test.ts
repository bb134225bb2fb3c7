import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KEEP_ALL, type Retention } from '../../src/domain/retention.ts';
import { keepRetention } from '../../src/keeper/retention.ts';
import { DAY } from '../contract/busy-session.ts';
import { enter, START } from '../contract/ledger-bench.ts';
import { openSqliteBench, type SqliteBench } from '../store/sqlite-bench.ts';

let bench: SqliteBench;
let folder: string;
let id: string;
beforeEach(async () => {
  bench = await openSqliteBench();
  folder = await mkdtemp(join(tmpdir(), 'tollgate-kept-'));
  id = await enter(bench.ledger);
  await bench.ledger.change(id, 'complete', 'grace', 'done', START);
});
afterEach(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

const reports: string[] = [];
const keeping = (retention: Partial<Retention>) =>
  keepRetention({
    ledger: bench.ledger,
    home: { archive: join(folder, 'own') },
    retention: { ...KEEP_ALL, ...retention },
    now: () => START + 2 * DAY,
    report: (line) => reports.push(line),
  });
const state = async () => (await bench.ledger.look(id, START))?.session.state;

it('a gateway that starts archives what became due while none ran', async () => {
  const kept = keeping({ content: DAY });
  await expect.poll(state).toBe('archived');
  await kept.end();
  expect(await readdir(join(folder, 'own'))).toHaveLength(1);
  expect(reports).toEqual([]);
});

it('where everything is kept nothing is archived, but for what a person asks for, and where the deployment says', async () => {
  const kept = keeping({ archive: join(folder, 'named') });
  expect(await kept.archive(id, 'grace', 'so')).toMatchObject({ ok: true });
  expect(await kept.archive(id, 'grace', 'so')).toMatchObject({ ok: false });
  expect(await readdir(folder)).toEqual(['named']);
  await kept.end();
});

it('a ledger that cannot be asked is reported, and does not end the gateway', async () => {
  await bench.ledger.close();
  const kept = keeping({ sessions: DAY });
  await expect.poll(() => reports.splice(0)).toEqual([expect.stringMatching(/^retention: /)]);
  await kept.end();
});
