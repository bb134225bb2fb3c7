import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerFault } from '../../src/domain/ports.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import {
  enter,
  entered,
  held,
  intentOf,
  KEY,
  placingOf,
  START,
  settlementOf,
  writeOf,
} from '../contract/ledger-bench.ts';
import { jobCommand } from './in-process.ts';
import { openSqliteBench, type SqliteBench } from './sqlite-bench.ts';

const run = promisify(execFile);

describe('the ledger in a file', () => {
  let bench: SqliteBench;
  beforeEach(async () => {
    bench = await openSqliteBench();
  });
  afterEach(() => bench.close());

  it('whoever has the file and not the key reads no argument, no result and no held call', async () => {
    const { ledger, file } = bench;
    const id = await enter(ledger);
    const intent = writeOf(id, { canonical: '{"to":"canary-one"}' });
    await ledger.commit(intent);
    await ledger.settle(settlementOf(intent, { recorded: '{"outcome":"ok","result":{"text":"canary-two"}}' }));
    await held(ledger, placingOf(writeOf(id, { canonical: '{"to":"canary-three"}' })));
    const before = await filesBeside(file);
    await ledger.close();
    for (const bytes of [...before, ...(await filesBeside(file))]) expect(bytes.includes('canary')).toBe(false);
    expect(Buffer.concat(before).includes('outbox.send')).toBe(true);
    const stranger = openSqlite({ file, contentKey: randomBytes(32), role: 'owner' });
    await expect(stranger).rejects.toThrow('was written under another content key');
    await expect(openSqlite({ file, contentKey: randomBytes(31), role: 'owner' })).rejects.toThrow(LedgerFault);
  });

  it('of an archived session the file keeps neither its contents nor the key that opened them', async () => {
    const { ledger, file } = bench;
    const id = await enter(ledger);
    for (let n = 0; n < 40; n++) await ledger.commit(writeOf(id, { canonical: JSON.stringify({ n }), digest: `${n}` }));
    for (const profile of ['a', 'b', 'c']) await enter(ledger, { ...KEY, profile }); // neighbours on its page
    const db = new DatabaseSync(file);
    const stored = db.prepare('SELECT content_key FROM session WHERE id = ?').get(id);
    const key = Buffer.from(stored?.['content_key'] as Uint8Array);
    db.close();
    const has = async (): Promise<boolean> => (await filesBeside(file)).some((bytes) => bytes.includes(key));
    expect(await has()).toBe(true);
    await ledger.change(id, 'complete', 'grace', 'done', START);
    await ledger.recover(START);
    const head = (await ledger.outline(id))?.head ?? { seq: 0, hash: '' };
    const archiving = { session: id, head, export: 'sha256:x', by: 'grace', why: 'due', at: START };
    expect(await ledger.archive(archiving)).toEqual({ ok: true, value: undefined });
    expect(await has()).toBe(false);
    expect(await ledger.verify()).toEqual([]);
  });

  it('equal arguments are not seen to be equal: no nonce comes twice, in this process or another', async () => {
    const id = await enter(bench.ledger);
    const commitTwo = (ledger: typeof bench.ledger) => Promise.all([1, 2].map(() => ledger.commit(intentOf(id))));
    await commitTwo(bench.ledger);
    await commitTwo(await bench.second());
    const db = new DatabaseSync(bench.file);
    const nonces = db.prepare('SELECT hex(substr(sealed, 1, 12)) AS nonce FROM content').all();
    db.close();
    expect(new Set(nonces.map((row) => row['nonce'])).size).toBe(4);
  });

  it('entering and looking at a running session needs no transaction', async () => {
    const { ledger, file } = bench;
    const id = await enter(ledger);
    const intent = intentOf(id);
    await ledger.commit(intent);
    const db = new DatabaseSync(file);
    db.exec('BEGIN IMMEDIATE'); // whoever needs the file now waits, and fails
    db.exec('UPDATE session SET used = used');
    expect((await entered(ledger, START + 5)).used).toEqual({ calls: 1, runtime: 5 });
    expect((await ledger.look(id, START + 7))?.used).toEqual({ calls: 1, runtime: 7 });
    const settled = ledger.settle(settlementOf(intent));
    db.exec('ROLLBACK');
    db.close();
    await settled;
    expect((await ledger.look(id, START))?.used).toEqual({ calls: 1, runtime: 1_000 });
  });

  it('a file that stays locked is a fault that says so, and the ledger goes on when it is free', async () => {
    const { ledger, file } = bench;
    const id = await enter(ledger);
    const db = new DatabaseSync(file);
    db.exec('BEGIN IMMEDIATE');
    await expect(ledger.commit(intentOf(id))).rejects.toThrow(`The ledger ${file} is locked by another process`);
    db.exec('ROLLBACK');
    db.close();
    expect(await ledger.commit(intentOf(id))).toMatchObject({ ok: true });
    expect((await ledger.look(id, START))?.used).toEqual({ calls: 1, runtime: 0 });
  });

  it('a damaged row is a fault, not an answer', async () => {
    const id = await enter(bench.ledger);
    await bench.tamper(`UPDATE session SET used = 'nonsense' WHERE id = '${id}'`);
    await expect(bench.ledger.commit(intentOf(id))).rejects.toThrow(LedgerFault);
  });

  it('the same database name is kept, and two ledgers have two', async () => {
    const { instance } = bench.ledger;
    expect((await bench.reopen()).instance).toBe(instance);
    const other = await openSqliteBench();
    expect(other.ledger.instance).not.toBe(instance);
    await other.close();
  });

  it('the file is for its owner only, and so are its side files', async () => {
    await enter(bench.ledger);
    const folder = dirname(bench.file);
    for (const name of await readdir(folder)) {
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
    }
    expect(await readdir(folder)).toContain('ledger.db-wal');
  });

  it('an open ledger keeps no process alive', async () => {
    await bench.ledger.close();
    const [command, ...words] = jobCommand(bench.file, bench.contentKey, { job: 'leave' });
    expect((await run(command, words)).stdout).toBe('done\n');
  });

  it('when the store cannot grow the call is refused with a sentence, and nothing of it is written', async () => {
    await bench.ledger.close();
    const command = jobCommand(bench.file, bench.contentKey, { job: 'fill' });
    const limited = ['-c', `trap '' XFSZ; ulimit -f 600; exec "$@"`, 'sh', ...command];
    const { committed, fault } = JSON.parse((await run('sh', limited)).stdout) as {
      committed: string[];
      fault: string;
    };
    expect(fault).toMatch(/^The ledger .*ledger\.db cannot .*\.$/);
    expect(committed.length).toBeGreaterThan(2);
    const ledger = await bench.reopen();
    const id = await enter(ledger);
    const intents = (await ledger.journal(id)).filter((entry) => entry.kind === 'intent');
    expect(intents.map((entry) => entry.call)).toEqual(committed);
    expect((await ledger.look(id, START))?.used['calls']).toBe(committed.length);
    expect(await ledger.verify()).toEqual([]);
  });
});

describe('a file that is no ledger of ours', () => {
  let bench: SqliteBench;
  let folder: string;
  const contentKey = new Uint8Array(32);
  const open = (file: string, role: 'owner' | 'visitor' = 'owner') => openSqlite({ file, contentKey, role });
  beforeEach(async () => {
    bench = await openSqliteBench();
    folder = dirname(bench.file);
  });
  afterEach(() => bench.close());

  it('a folder, a text, another database, a missing folder: each is a fault that says what to do', async () => {
    await mkdir(join(folder, 'folder'));
    await writeFile(join(folder, 'text'), 'This is no database, but long enough to be looked at as one.'.repeat(50));
    const foreign = new DatabaseSync(join(folder, 'foreign.db'));
    foreign.exec('CREATE TABLE session (id TEXT)');
    foreign.close();
    for (const [name, says] of [
      ['folder', 'is a folder. Name a file.'],
      ['text', 'is not a ledger'],
      ['foreign.db', 'belongs to another program'],
      ['none/ledger.db', 'its folder does not exist'],
      ['text/ledger.db', 'a part of its path is no folder'],
    ] as const) {
      const refused = expect(open(join(folder, name))).rejects;
      await refused.toThrow(LedgerFault);
      await expect(open(join(folder, name))).rejects.toThrow(says);
    }
  });

  it('a visitor creates nothing', async () => {
    await expect(open(join(folder, 'none.db'), 'visitor')).rejects.toThrow('There is no ledger');
    expect(await readdir(folder)).not.toContain('none.db');
  });

  it('a ledger of a newer version is left alone; an older one is updated by its owner only', async () => {
    await bench.tamper('PRAGMA user_version = 99');
    const { file, contentKey: key } = bench;
    await expect(openSqlite({ file, contentKey: key, role: 'owner' })).rejects.toThrow('by a newer Tollgate');
    await bench.tamper('PRAGMA user_version = 0');
    await expect(openSqlite({ file, contentKey: key, role: 'visitor' })).rejects.toThrow('by an older Tollgate');
  });

  it('twelve owners that create one file at once have one ledger', async () => {
    const ledgers = await Promise.all(Array.from({ length: 12 }, () => open(join(folder, 'new.db'))));
    expect(new Set(ledgers.map((ledger) => ledger.instance)).size).toBe(1);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  it('a file that this user may not write is a fault that says so (needs another user who can run this Node)', async ({
    skip,
  }) => {
    await bench.ledger.close();
    await chmod(folder, 0o755);
    await chmod(bench.file, 0o444);
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}; // permissions do not bind root
    const reachable = await run(process.execPath, ['-e', '0'], nobody).then(
      () => true,
      () => false,
    );
    skip(!reachable, 'another user cannot run this Node');
    for (const role of ['owner', 'visitor'] as const) {
      const [command, ...words] = jobCommand(bench.file, bench.contentKey, { job: 'open', role });
      const { stdout } = await run(command, words, nobody);
      expect(stdout).toMatch(/"The ledger .*(may not|cannot) be (opened|written)\. Give this user /);
    }
  });
});

/** The bytes of the database and its side files. */
async function filesBeside(file: string): Promise<readonly Buffer[]> {
  const names = await readdir(dirname(file));
  return Promise.all(names.map((name) => readFile(join(dirname(file), name))));
}
