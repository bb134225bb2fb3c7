import { expect, test } from 'vitest';
import { shownLines } from '../../src/cli/shown-lines.ts';

test('what arguments point at is shown in full, each line behind a bar, with nothing hidden in it', () => {
  const text = 'Hello\n  asked by   somebody else\n\u001b[2J\u202eeve';
  const lines = shownLines({ tool: 'desk.get_draft', text, digest: 'sha256:x' });
  expect(lines.slice(2)).toEqual(['    | Hello', '    |   asked by   somebody else', '    | \\u{1b}[2J\\u{202e}eve']);
  expect(lines[1]).toContain('desk.get_draft');
  expect(shownLines(undefined)).toEqual([]);
});
