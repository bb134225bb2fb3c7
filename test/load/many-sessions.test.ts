/** What a thousand sessions leave behind: nothing. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';

/** Of heap that may be kept for a thousand sessions that are over: so much is noise of the compiler and the collector. Bytes. */
const NOISE = 6 * 1024 * 1024;

interface Counts {
  readonly processes: number;
  readonly descriptors: number;
  readonly folders: number;
  readonly heap: number;
}

async function featureServer(era: 'legacy' | 'modern'): Promise<string> {
  const file = join(import.meta.dirname, '..', 'cells', 'servers', `${era}.ts`);
  const child = spawn(process.execPath, [file, 'http'], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return url;
}

test.skipIf(!existsSync('/proc/self/fd'))(
  'after a thousand sessions processes, descriptors, folders and heap are back where they were (needs /proc)',
  async () => {
    const folder = temporaryFolder();
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const servers = [await featureServer('modern'), await featureServer('legacy')];
    const program = join(import.meta.dirname, 'support', 'many-sessions.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, folder, ...servers], {
      env: environmentOf(folder),
    });
    const { before, most, after } = JSON.parse(stdout) as Record<'before' | 'most' | 'after', Counts>;
    expect(most.processes).toBeGreaterThan(10);
    expect(most.folders).toBeGreaterThan(10);
    expect([before.processes, before.folders, after.processes, after.folders]).toEqual([0, 0, 0, 0]);
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
    expect(after.heap - before.heap).toBeLessThan(NOISE);
  },
  120_000,
);
