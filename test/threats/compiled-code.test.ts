/** Compiled code is kept from one start to the next, and is run as it lies there. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { environmentOf, TOLLGATE, temporaryFolder } from '../support/gateway.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('compiled code lies beside the packages, never in the folder that all users share', async () => {
  const shared = join(folder, 'tmp');
  mkdirSync(shared);
  const { NODE_COMPILE_CACHE: _, ...environment } = environmentOf(folder);
  const show = 'process.on("exit", () => console.log(process.getBuiltinModule("module").getCompileCacheDir()))';
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(show)}`, TOLLGATE, '--version'],
    { env: { ...environment, TMPDIR: shared } },
  );
  const last = stdout.trim().split('\n').at(-1) as string;
  expect(dirname(last)).toBe(join(import.meta.dirname, '../../node_modules/.cache/tollgate'));
  expect(readdirSync(shared)).toEqual([]);
});
