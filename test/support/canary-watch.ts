/** Of a whole run: makes the folder that `canaries.ts` keeps things in, and searches it at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CANARIES, leaksIn } from './canaries.ts';

let folder: string | undefined;

export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-canaries-'));
  process.env[CANARIES] = folder;
}

/** Fails the run. What was kept stays then, to be looked at. */
export function teardown(): void {
  if (folder === undefined) return;
  const leaks = leaksIn(folder);
  if (leaks.length > 0)
    throw new Error(`${leaks.length} times a secret was put out:\n${leaks.slice(0, 20).join('\n')}`);
  rmSync(folder, { recursive: true, force: true });
}
