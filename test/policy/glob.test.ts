import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANY, includes, meet, type Piece, SEGMENT } from '../../src/policy/uris/glob.ts';

const rowOf = (text: string): readonly Piece[] =>
  [...text].map((letter) => (letter === '%' ? ANY : letter === '*' ? SEGMENT : letter));

/** The same as a regular expression. */
const expression = (row: string) =>
  new RegExp(`^${[...row].map((one) => (one === '%' ? '.*' : one === '*' ? '[^/?#]*' : `[${one}]`)).join('')}$`);

const ALPHABET = ['a', 'b', '/'];
/** Every text of at most four letters. */
const TEXTS: readonly string[] = [0, 1, 2, 3].reduce<readonly string[]>(
  (texts) => ['', ...texts.flatMap((text) => ALPHABET.map((letter) => letter + text))],
  [''],
);

const row = fc.array(fc.constantFrom('a', 'b', '/', '*', '%'), { maxLength: 4 }).map((letters) => letters.join(''));

test('a text is matched as the regular expression does that says the same', () => {
  fc.assert(
    fc.property(row, fc.constantFrom(...TEXTS), (one, text) => {
      expect(includes(rowOf(one), text)).toBe(expression(one).test(text));
    }),
    { numRuns: 1_000 },
  );
});

test('a row that is said to include another matches all that the other does', () => {
  fc.assert(
    fc.property(row, row, (one, other) => {
      if (!includes(rowOf(one), rowOf(other))) return;
      expect(TEXTS.filter((text) => expression(other).test(text) && !expression(one).test(text))).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test('two rows are said to meet where a text matches both, and, of short ones, only there', () => {
  fc.assert(
    fc.property(row, row, (one, other) => {
      const shared = TEXTS.some((text) => expression(one).test(text) && expression(other).test(text));
      if (shared) expect(meet(rowOf(one), rowOf(other))).toBe(true);
      else if (one.length + other.length <= 4) expect(meet(rowOf(one), rowOf(other))).toBe(false);
    }),
    { numRuns: 1_000 },
  );
  expect(meet(rowOf('bc'), rowOf('b%bc'))).toBe(false);
  expect(meet(rowOf('b%bc'), rowOf('bc'))).toBe(false);
});
