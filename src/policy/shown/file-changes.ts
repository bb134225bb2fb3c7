/** Two versions of a policy's files, line by line, as far as they differ. */
import { structuredPatch } from 'diff';
import type { PolicyTexts } from '../../domain/acceptance.ts';
import type { Changed, FileChange } from '../../domain/policies-in-view.ts';

/** So many lines that stayed are shown around those that changed. */
const AROUND = 3;

const HOW: Readonly<Record<string, Changed['how']>> = { ' ': 'same', '-': 'gone', '+': 'new' };

/** The lock is left out: what it lets in is told by its words. */
export function fileChanges(before: PolicyTexts, after: PolicyTexts): readonly FileChange[] {
  const was = new Map(before.files.map(({ file, text }) => [file, text]));
  const now = new Map(after.files.map(({ file, text }) => [file, text]));
  return [...new Set([...was.keys(), ...now.keys()])].flatMap((file) => {
    const lines = linesBetween(was.get(file) ?? '', now.get(file) ?? '');
    return lines.length === 0 ? [] : [{ file, lines }];
  });
}

function linesBetween(was: string, now: string): readonly Changed[] {
  const { hunks } = structuredPatch('', '', was, now, '', '', { context: AROUND });
  return hunks.flatMap(({ lines }, at) => [
    ...(at === 0 ? [] : [{ how: 'same', text: '...' } as const]),
    ...lines.flatMap((line) => {
      const how = HOW[line.charAt(0)];
      return how === undefined ? [] : [{ how, text: line.slice(1) }];
    }),
  ]);
}
