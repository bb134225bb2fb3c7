/** Jobs on a ledger in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Job } from './ledger-process.ts';

const SCRIPT = fileURLToPath(new URL('./ledger-process.ts', import.meta.url));

/** What to run for a job on this store (a file, or a PostgreSQL's URL) in a Node of its own. */
export const jobCommand = (store: string, contentKey: Uint8Array, job: Job): readonly [string, ...string[]] => [
  process.execPath,
  SCRIPT,
  store,
  Buffer.from(contentKey).toString('hex'),
  JSON.stringify(job),
];

/** Runs a job until it ends well, or until it says it is done and is killed. */
export async function inProcess(store: string, contentKey: Uint8Array, job: Job, end: 'exit' | 'kill'): Promise<void> {
  const [command, ...words] = jobCommand(store, contentKey, job);
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [said] = await Promise.race([once(child.stdout, 'data'), exited]);
  if (String(said).trim() !== 'done') throw new Error(`the other process did not do its job: ${said}`);
  if (end === 'kill') child.kill('SIGKILL');
  const [code, signal] = await exited;
  if (end === 'kill' ? signal !== 'SIGKILL' : code !== 0) throw new Error(`it ended otherwise: ${code} ${signal}`);
}
