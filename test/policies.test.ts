/** The policies that are shipped load with the lock files beside them, and these are what the servers say. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PolicyBook } from '../src/policy/book.ts';
import { environmentOf, run, temporaryFolder } from './support/gateway.ts';

const FOLDER = join(import.meta.dirname, '..', 'policies');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const SLOW = 120_000;

test.each(FILES)('%s loads, with tests of its own for every answer', (name) => {
  const added = new PolicyBook(new Map()).addFile(join(FOLDER, name));
  if (!added.ok) throw new Error(added.error.join('\n'));
  expect(added.value.lock).toBeDefined();
  for (const verdict of ['allow', 'hold', 'deny']) expect(added.value.text).toContain(`expect: ${verdict}`);
});

test.each(FILES)('%s is pinned to its servers as they are', { timeout: SLOW }, async (name) => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ran = await run(['policy', 'diff', join(FOLDER, name)], environmentOf(folder));
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^same /) });
});
