/**
 * Loaded into a server's process before its own code: kills it (SIGKILL, nothing is cleaned up) right before the n-th step
 * that changes the disk, counted from the first file that is made in `tmp/`. n is `DIE_BEFORE_STEP`.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const STEPS = ['openSync', 'writeFileSync', 'fsyncSync', 'linkSync', 'renameSync', 'rmSync'] as const;

const last = Number(process.env['DIE_BEFORE_STEP']);
const functions = fs as unknown as Record<string, (...given: unknown[]) => unknown>;
let step = 0;

for (const name of STEPS) {
  const real = functions[name];
  if (real === undefined) throw new Error(`node:fs has no ${name}`);
  functions[name] = (...given) => {
    if (step > 0 || (name === 'openSync' && String(given[0]).includes('/tmp/') && given[1] === 'wx')) step += 1;
    if (step === last) process.kill(process.pid, 'SIGKILL');
    return real(...given);
  };
}
syncBuiltinESMExports();
