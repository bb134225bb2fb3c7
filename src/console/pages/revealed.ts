/**
 * Text of a stranger, for a person who must not be fooled by it: nothing moves, joins, turns, hides or pushes away the rest, and letters
 * of another alphabet inside a word are marked. What is marked cannot be imitated by text.
 */
import { html } from 'hono/html';
import type { Html } from './sheet.ts';

/** Line ends, blanks, and what stands between them. */
const PIECES = /\n+| +|[^\n ]+/g;
/** More line ends or blanks in a row are said in number, so that they push nothing out of sight. */
const MOST_LINE_ENDS = 3;
const MOST_BLANKS = 8;
/** What takes no ink or moves what does, and more accents than a letter bears. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]|\p{M}{3,}/gu;
/** Alphabets with letters that look like Latin ones; and wide forms of those. */
const ALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\uff01-\uff5e]/u;

export const revealed = (text: string): Html => html`${revealedPieces(piecesOf(text))}`;

/** Line ends, blanks and words, in order. */
export const piecesOf = (text: string): readonly string[] => text.match(PIECES) ?? [];

/** Each of them, as it is shown beside its neighbours. */
export const revealedPieces = (pieces: readonly string[]): readonly (Html | string)[] =>
  pieces.map((piece, at) => {
    if (piece.startsWith('\n')) return lineEnds(piece.length);
    if (!piece.startsWith(' ')) return word(piece);
    // Blanks that begin a line are its indentation, those between words part them: others are seen by nobody.
    const isSeen = at > 0 && at < pieces.length - 1 && !isLineEnd(pieces[at + 1]);
    return isSeen && piece.length <= MOST_BLANKS ? piece : odd(`␣ × ${piece.length}`, 'blanks');
  });

const isLineEnd = (piece: string | undefined): boolean => piece?.startsWith('\n') ?? false;

function lineEnds(count: number): Html {
  if (count > MOST_LINE_ENDS)
    return html`${odd(`↵ × ${count}`, 'line ends')}
`;
  return html`${Array.from({ length: count }, () => END)}`;
}

const END = html`<span class="eol" aria-hidden="true">↵</span>
`;

function word(piece: string): Html {
  const mixes = ALIKE.test(piece) && /\p{Script=Latin}|[\uff01-\uff5e]/u.test(piece);
  return mixes ? html`${[...piece].map(letter)}` : plain(piece);
}

/** One of a word that mixes alphabets. */
const letter = (one: string): Html =>
  ALIKE.test(one)
    ? html`<mark class="alike" title="${coded(one)}, of another alphabet than its neighbours">${one}</mark>`
    : plain(one);

function plain(text: string): Html {
  const parts: Html[] = [];
  let from = 0;
  for (const { 0: hidden, index } of text.matchAll(HIDDEN)) {
    parts.push(html`${text.slice(from, index)}${[...hidden].map((one) => odd(coded(one), 'does not show by itself'))}`);
    from = index + hidden.length;
  }
  return html`${parts}${text.slice(from)}`;
}

const coded = (one: string): string => `U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

const odd = (shown: string, title: string): Html => html`<mark class="odd" title="${title}">${shown}</mark>`;
