/** Differences of two locks in words: what a person must read before accepting. Hidden characters are shown by code point. */
import { diffWordsWithSpace } from 'diff';
import type { JsonValue } from '../../domain/json.ts';
import { revealed } from '../shown/readable.ts';
import type { Change } from './entry-changes.ts';
import type { Difference } from './lock-diff.ts';

/** How old and new words are told apart. */
export interface Paint {
  removed(text: string): string;
  added(text: string): string;
  heading(text: string): string;
}

/** Where there are no colours. */
export const PLAIN: Paint = {
  removed: (text) => `[-${text}-]`,
  added: (text) => `{+${text}+}`,
  heading: (text) => text,
};

/** Above so many edits two texts are shown whole, one after the other: they share nothing that helps to read them. */
const MOST_EDITS = 2_000;
/** Of words that did not change so many characters are shown on each side of those that did. */
const AROUND = 80;

export const diffText = (differences: readonly Difference[], paint: Paint): string =>
  differences
    .map((one) => `${[heading(one, paint), ...one.changes.map((change) => `    ${line(change, paint)}`)].join('\n')}\n`)
    .join('\n');

const HOW: Readonly<Record<Difference['how'], string>> = {
  new: 'new',
  gone: 'gone: the server does not list it any more',
  changed: 'changed',
};

function heading({ server, what, name, how, blocks }: Difference, paint: Paint): string {
  const subject =
    what === 'server'
      ? `server ${server}`
      : `${what} ${server}${what === 'tool' || what === 'prompt' ? '.' : ' '}${revealed(name ?? '')}`;
  const said = what === 'server' && how === 'gone' ? 'gone: nothing of it is used any more' : HOW[how];
  return `  ${paint.heading(subject)}  ${said}${blocks ? '' : ': hints only, nothing is blocked'}`;
}

function line(change: Change, paint: Paint): string {
  const at = revealed(change.at);
  switch (change.kind) {
    case 'text':
      return `${at}: ${indented(wordDiff(change.was, change.now, paint))}`;
    case 'value':
      return `${at}: ${paint.removed(shown(change.was))} -> ${paint.added(shown(change.now))}`;
    case 'added':
      return `${at}: ${paint.added(`added, ${change.required ? 'required' : 'optional'}`)}, ${shown(change.value)}`;
    case 'removed':
      return `${at}: ${paint.removed('removed')}, ${shown(change.value)}`;
    default:
      return `${at}: now ${change.kind}`;
  }
}

const shown = (value: JsonValue | undefined): string =>
  value === undefined ? 'nothing' : revealed(JSON.stringify(value));

const indented = (text: string): string => text.replaceAll('\n', '\n      ');

function wordDiff(was: string | undefined, now: string | undefined, paint: Paint): string {
  const [before, after] = [revealed(was ?? ''), revealed(now ?? '')];
  const removed = before === '' ? '' : paint.removed(before);
  const added = after === '' ? '' : paint.added(after);
  if (removed === '' || added === '') return `${removed}${added}`;
  const parts = diffWordsWithSpace(before, after, { maxEditLength: MOST_EDITS });
  if (parts === undefined) return `${removed}\n${added}`;
  return parts
    .map((part, at) => {
      if (part.removed) return paint.removed(part.value);
      if (part.added) return paint.added(part.value);
      return shortened(part.value, at === 0, at === parts.length - 1);
    })
    .join('');
}

function shortened(text: string, isFirst: boolean, isLast: boolean): string {
  const head = isFirst ? '' : text.slice(0, AROUND);
  const tail = isLast ? '' : text.slice(-AROUND);
  return text.length <= head.length + tail.length + AROUND ? text : `${head} ... ${tail}`;
}
