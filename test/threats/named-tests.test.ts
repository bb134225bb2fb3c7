/** The pages that say which test plays which danger name tests that are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(REPOSITORY, 'docs/threats-approvals.md'), 'utf8');
const ROWS = [...PAGE.matchAll(/^\| (.*?) ?\| `([^`]+)` \| (.+) \|$/gm)].map(
  ([, danger = '', file = '', name = '']) => ({
    danger,
    file,
    name,
  }),
);

test.each(ROWS)('$file: $name', ({ file, name }) => {
  const path = join(REPOSITORY, file);
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain(`'${name}'`);
});

test('every danger has one, and no row is passed over', () => {
  const rows = PAGE.split('\n').filter((line) => line.startsWith('|'));
  expect(ROWS).toHaveLength(rows.length - 2);
  expect(ROWS.filter(({ danger }) => danger !== '').length).toBeGreaterThanOrEqual(18);
});
