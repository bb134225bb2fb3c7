/** Differences of two locks as runs of words that stayed, went or came: what a page shows before a person accepts them. */
import type { Changed, PinChange } from '../../domain/policies-in-view.ts';
import { diffText, type Paint } from './diff-text.ts';
import type { Difference } from './lock-diff.ts';

/** No server can say these: hidden characters of its words are shown by code point. */
const [GONE, NEW, END] = ['\u0001', '\u0002', '\u0003'];

const MARKED: Paint = {
  removed: (text) => `${GONE}${text}${END}`,
  added: (text) => `${NEW}${text}${END}`,
  heading: (text) => text,
};

export const pinChanges = (differences: readonly Difference[]): readonly PinChange[] =>
  differences.map((one) => {
    const [heading = '', ...lines] = diffText([one], MARKED).trimEnd().split('\n');
    const text = lines.map((line) => line.replace(/^ {4}/, '')).join('\n');
    return { heading: heading.trim(), words: runsOf(text) };
  });

function runsOf(text: string): readonly Changed[] {
  const runs: Changed[] = [];
  // Each change ends where the next run of unchanged words begins.
  for (const piece of text.split(END)) {
    const [same = '', gone, added] = [
      /^[^\u0001\u0002]*/.exec(piece)?.[0],
      new RegExp(`${GONE}(.*)`, 's').exec(piece)?.[1],
      new RegExp(`${NEW}(.*)`, 's').exec(piece)?.[1],
    ];
    if (same !== '') runs.push({ how: 'same', text: same });
    if (gone !== undefined) runs.push({ how: 'gone', text: gone });
    if (added !== undefined) runs.push({ how: 'new', text: added });
  }
  return runs;
}
