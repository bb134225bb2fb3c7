import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Problem, problemText } from '../../src/document/document.ts';
import { readTexts } from '../../src/policy/file/include.ts';
import { loadPolicy } from '../../src/policy/file/load.ts';
import { readLock } from '../../src/policy/lock/read-lock.ts';

/** Files that are wrong, each with the problems that it must be told: see the README there. */
const FOLDER = join(import.meta.dirname, 'broken');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

function problemsOf(file: string, lockFile: string | undefined): readonly Problem[] {
  const texts = readTexts(file);
  if (!texts.ok) return texts.error;
  const [source, ...bases] = texts.value.files;
  const lock = lockFile === undefined ? undefined : readLock({ file: lockFile, text: readFileSync(lockFile, 'utf8') });
  if (lock?.ok === false) throw new Error(lock.error.map(problemText).join('\n'));
  const loaded = loadPolicy({ ...source, bases, lock: lock?.value });
  return loaded.ok ? [] : loaded.error;
}

test.each(FILES)('%s', (name) => {
  const file = join(FOLDER, name);
  const comments = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('# '));
  const expected = comments.flatMap((line) => (line.startsWith('# => ') ? [line.slice('# => '.length)] : []));
  const lock = comments.find((line) => line.startsWith('# lock: '))?.slice('# lock: '.length);
  const found = problemsOf(file, lock === undefined ? undefined : join(FOLDER, lock));
  const told = found.map((one) =>
    problemText(one)
      .replaceAll(`${FOLDER}/`, '')
      .replace(new RegExp(`^${name}:`), ''),
  );
  expect(told).toEqual(expected);
  expect(expected).not.toEqual([]);
});

test('there are enough of them for the whole format', () => {
  expect(FILES.length).toBeGreaterThanOrEqual(60);
});
