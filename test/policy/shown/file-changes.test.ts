import { expect, test } from 'vitest';
import type { PolicyTexts } from '../../../src/domain/acceptance.ts';
import { fileChanges } from '../../../src/policy/shown/file-changes.ts';

const texts = (policy: string, base?: string): PolicyTexts => ({
  files: [{ file: '/p.yaml', text: policy }, ...(base === undefined ? [] : [{ file: '/base.yaml', text: base }])],
  lock: undefined,
});

test('of each file that differs the changed lines are told, with those around them', () => {
  const before = Array.from({ length: 30 }, (_, at) => `line ${at}`).join('\n');
  const after = before.replace('line 3\n', 'line three\n').replace('line 25\n', '');
  const [change, ...more] = fileChanges(texts(before, 'same'), texts(after, 'same'));
  expect(more).toEqual([]);
  expect(change?.file).toBe('/p.yaml');
  expect(change?.lines.filter(({ how }) => how !== 'same')).toEqual([
    { how: 'gone', text: 'line 3' },
    { how: 'new', text: 'line three' },
    { how: 'gone', text: 'line 25' },
  ]);
  expect(change?.lines).toContainEqual({ how: 'same', text: '...' });
  expect(change?.lines.some(({ text }) => text === 'line 15')).toBe(false);
});

test('a file that is included from now on is new in every line, and one that no longer is goes', () => {
  expect(fileChanges(texts('a\n'), texts('a\n', 'b\n'))).toEqual([
    { file: '/base.yaml', lines: [{ how: 'new', text: 'b' }] },
  ]);
  expect(fileChanges(texts('a\n', 'b\n'), texts('a\n'))).toEqual([
    { file: '/base.yaml', lines: [{ how: 'gone', text: 'b' }] },
  ]);
  expect(fileChanges(texts('a\n', 'b\n'), texts('a\n', 'b\n'))).toEqual([]);
});
