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

/** Each change ends where the next run of unchanged words begins. */
const runsOf = (text: string): readonly Changed[] =>
  text.split(END).flatMap((piece) => {
    const at = Math.max(piece.indexOf(GONE), piece.indexOf(NEW));
    const same = at === -1 ? piece : piece.slice(0, at);
    const change: Changed = { how: piece.charAt(at) === GONE ? 'gone' : 'new', text: piece.slice(at + 1) };
    return [...(same === '' ? [] : [{ how: 'same', text: same } as const]), ...(at === -1 ? [] : [change])];
  });
