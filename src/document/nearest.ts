/** The nearest right word, for a person who mistyped one. */

/** Edits (insert, delete, replace, swap neighbours) that turn `from` into `to`; stops counting above `most`. */
function edits(from: string, to: string, most: number): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let least = Math.min(at(last, column) + 1, at(next, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) least = Math.min(least, at(before, column - 2) + 1);
      next.push(least);
    }
    if (Math.min(...next) > most) return most + 1;
    before = last;
    last = next;
  }
  return at(last, to.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;

/** The word within two edits (one for words under five letters), letter case aside; undefined where none is so near. */
function nearest(word: string, words: Iterable<string>): string | undefined {
  const most = word.length < 5 ? 1 : 2;
  let found: string | undefined;
  let fewest = most + 1;
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) > most) continue;
    const count = edits(word.toLowerCase(), candidate.toLowerCase(), most);
    if (count < fewest) [found, fewest] = [candidate, count];
  }
  return found;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const found = nearest(word, words);
  return found === undefined ? '' : `; did you mean "${found}"?`;
}
