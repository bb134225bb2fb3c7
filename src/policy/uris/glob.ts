/**
 * Rows of characters and wildcards, and the two questions about two of them. A text is a row without wildcards. Each answer
 * takes as many steps as one length times the other, whatever the rows are.
 */

/** Any number of characters but `/`, `?` and `#`. */
export const SEGMENT = Symbol('*');
/** Any number of characters. */
export const ANY = Symbol('**');

/** One UTF-16 code unit, or a wildcard. */
export type Piece = string | typeof SEGMENT | typeof ANY;
export type Row = ArrayLike<Piece>;

const isWildcard = (piece: Piece): piece is typeof SEGMENT | typeof ANY => typeof piece === 'symbol';

/** Whether a wildcard may stand for this, all of it. */
const takes = (wildcard: typeof SEGMENT | typeof ANY, piece: Piece): boolean =>
  wildcard === ANY || piece === SEGMENT || (piece !== ANY && piece !== '/' && piece !== '?' && piece !== '#');

/** Whether the row matches everything that `of` stands for. True is certain; for a text so is false. */
export const includes = (row: Row, of: Row): boolean => compared(row, of, false);

/** Whether there is a text that both rows match. */
export const meet = (row: Row, other: Row): boolean => compared(row, other, true);

/**
 * Column by column of `other`: whether the row's first so many pieces match the columns so far. Where `share` is false, a
 * wildcard of `other` is one more character that only a wildcard as wide can match; else it too may stand for anything.
 */
function compared(row: Row, other: Row, share: boolean): boolean {
  let last = [true];
  for (let at = 0; at < row.length; at++) last.push(last[at] === true && isWildcard(row[at] ?? ''));
  for (let column = 0; column < other.length && last.includes(true); column++) {
    const piece = other[column] ?? '';
    const free = share && isWildcard(piece);
    const next = [free && last[0] === true];
    for (let at = 0; at < row.length; at++) {
      const own = row[at] ?? '';
      const before = next[at] === true;
      const above = last[at + 1] === true;
      next.push(
        (own === piece && last[at] === true) ||
          (isWildcard(own) && (before || (above && takes(own, piece)))) ||
          (free && (above || (before && takes(piece, own)))),
      );
    }
    last = next;
  }
  return last[row.length] === true;
}
