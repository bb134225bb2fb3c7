import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { retain } from '../../src/keeper/retain.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import { enter, intentOf, MINUTE, START, settlementOf } from '../contract/ledger-bench.ts';
import { openSqliteBench, type SqliteBench } from '../store/sqlite-bench.ts';

const DAY = 24 * 60 * MINUTE;
const PROCESS = join(import.meta.dirname, 'archive-process.ts');

let bench: SqliteBench;
let folder: string;
let id: string;
beforeEach(async () => {
  bench = await openSqliteBench();
  folder = await mkdtemp(join(tmpdir(), 'tollgate-archive-'));
  const { ledger } = bench;
  id = await enter(ledger);
  const intent = intentOf(id, { canonical: '{"canary":1}' });
  await ledger.commit(intent);
  await ledger.settle(settlementOf(intent));
  await ledger.change(id, 'complete', 'grace', 'done', START);
});
afterEach(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

it.each(['before the export is there', 'between the export and the erasing', 'after the erasing'])(
  'a process killed %s loses nothing, and the next one ends what it began',
  async (moment) => {
    await bench.ledger.close();
    const words = [PROCESS, bench.file, Buffer.from(bench.contentKey).toString('hex'), folder, moment];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const [said] = await Promise.race([once(child.stdout, 'data'), exited]);
    expect(String(said)).toBe('here\n');
    child.kill('SIGKILL');
    await exited;
    const ledger = await openSqlite({ file: bench.file, contentKey: bench.contentKey, role: 'owner' });
    const reports: string[] = [];
    const keeping = { ledger, retention: { content: DAY, sessions: undefined }, folder };
    const at = START + 2 * DAY;
    await retain({ ...keeping, report: (line) => reports.push(line) }, at);
    expect(reports).toEqual([]);
    expect((await ledger.look(id, at))?.session.state).toBe('archived');
    expect((await ledger.journal(id)).filter(({ body }) => body['verb'] === 'archive')).toHaveLength(1);
    const files = await readdir(folder);
    expect(files.filter((name) => !name.startsWith('.'))).toEqual([expect.stringMatching(`^${id}-\\d+\\.jsonl$`)]);
    expect(await readFile(join(folder, files.at(-1) ?? ''), 'utf8')).toContain('canary');
    expect(await ledger.verify()).toEqual([]);
    await ledger.close();
  },
);

it('what dead processes left unfinished goes when it is a day old; what somebody writes now stays', async () => {
  const [old, young] = ['.s_1-9.jsonl.aa.unfinished', '.s_2-9.jsonl.bb.unfinished'];
  for (const name of [old, young, 'notes.txt']) await writeFile(join(folder, name), '');
  for (const name of [old, 'notes.txt']) await utimes(join(folder, name), 0, (START - 2 * DAY) / 1000);
  await utimes(join(folder, young), 0, START / 1000);
  const keeping = { ledger: bench.ledger, retention: { content: 1, sessions: undefined }, folder };
  await retain({ ...keeping, report: () => undefined }, START + MINUTE);
  expect((await readdir(folder)).toSorted()).toEqual([young, 'notes.txt', expect.stringMatching(`^${id}-`)]);
});
