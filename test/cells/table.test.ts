import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SIDES } from './cell.ts';
import { FEATURES } from './features/all.ts';
import { tableOf } from './table.ts';

const PAGE = join(import.meta.dirname, '../../docs/protocol.md');

test('the table in docs/protocol.md says what is tested, feature by feature and cell by cell', () => {
  const [, table] = /<!-- the table -->\n(.*)\n<!-- end of the table -->/s.exec(readFileSync(PAGE, 'utf8')) ?? [];
  expect(table?.trim()).toBe(tableOf(FEATURES));
});

test('every server of the table has its tests through the gateway', () => {
  for (const { era, over } of SIDES) {
    const file = readFileSync(join(import.meta.dirname, `${era}-${over}.test.ts`), 'utf8');
    expect(file).toContain(`describeRow({ era: '${era}', over: '${over}' }, throughGateway);`);
  }
});

test('no two features bear one name', () => {
  const names = FEATURES.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
