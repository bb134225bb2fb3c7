/** A ledger in a file of its own, with the other processes and handles that a contract test asks for. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Ledger } from '../../src/domain/ports.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import type { LedgerBench } from '../contract/ledger-bench.ts';
import type { Job } from './ledger-process.ts';

export interface SqliteBench extends LedgerBench {
  readonly file: string;
  readonly contentKey: Uint8Array;
}

export async function openSqliteBench(): Promise<SqliteBench> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-ledger-'));
  const file = join(folder, 'ledger.db');
  const contentKey = randomBytes(32);
  const opened: Ledger[] = [];
  const open = async (role: 'owner' | 'visitor'): Promise<Ledger> => {
    const ledger = await openSqlite({ file, contentKey, role });
    opened.push(ledger);
    return ledger;
  };
  const ledger = await open('owner');
  return {
    file,
    contentKey,
    ledger,
    reopen: async () => {
      await ledger.close();
      return open('owner');
    },
    second: () => open('visitor'),
    decideElsewhere: (hold, decision) => inProcess(file, contentKey, { job: 'decide', hold, decision }, 'exit'),
    commitAndDie: (intents) => inProcess(file, contentKey, { job: 'commit', intents }, 'kill'),
    tamper: async (sql) => {
      const db = new DatabaseSync(file);
      db.exec(sql);
      db.close();
    },
    close: async () => {
      await Promise.all(opened.map((each) => each.close()));
      await rm(folder, { recursive: true });
    },
  };
}

const SCRIPT = fileURLToPath(new URL('./ledger-process.ts', import.meta.url));

/** What to run for a job on this file in a Node of its own. */
export const jobCommand = (file: string, contentKey: Uint8Array, job: Job): readonly [string, ...string[]] => [
  process.execPath,
  SCRIPT,
  file,
  Buffer.from(contentKey).toString('hex'),
  JSON.stringify(job),
];

/** Runs a job until it ends well, or until it says it is done and is killed. */
async function inProcess(file: string, contentKey: Uint8Array, job: Job, end: 'exit' | 'kill'): Promise<void> {
  const [command, ...words] = jobCommand(file, contentKey, job);
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [said] = await Promise.race([once(child.stdout, 'data'), exited]);
  if (String(said).trim() !== 'done') throw new Error(`the other process did not do its job: ${said}`);
  if (end === 'kill') child.kill('SIGKILL');
  const [code, signal] = await exited;
  if (end === 'kill' ? signal !== 'SIGKILL' : code !== 0) throw new Error(`it ended otherwise: ${code} ${signal}`);
}
