import { expect, test } from 'vitest';
import { revealed } from '../../../src/console/pages/revealed.ts';

/** What is marked stands in brackets: `[..]` is odd, `{..}` of another alphabet. */
const shown = (text: string): string =>
  String(revealed(text))
    .replaceAll(/<mark class="odd"[^>]*>(.*?)<\/mark>/g, '[$1]')
    .replaceAll(/<mark class="alike"[^>]*>(.*?)<\/mark>/g, '{$1}')
    .replaceAll(/<span class="eol"[^>]*>↵<\/span>/g, '¶');

test.each([
  ['plain words stay as they are', 'Two  words, 5 €.', 'Two  words, 5 €.'],
  ['lines end visibly', 'a\n\nb', 'a¶\n¶\nb'],
  ['indentation is one', 'a\n  b', 'a¶\n  b'],
  ['blanks nobody sees are counted', ' a \nb ', '[␣ × 1]a[␣ × 1]¶\nb[␣ × 1]'],
  ['padding pushes nothing away', `a${' '.repeat(9)}b${'\n'.repeat(4)}c`, 'a[␣ × 9]b[↵ × 4]\nc'],
  ['what turns or hides is named', 'a\u202eb\u200b\t\u00a0', 'a[U+202E]b[U+200B][U+0009][U+00A0]'],
  ['half a character is named', 'a\ud800', 'a[U+D800]'],
  ['heaps of accents are named', 'Z\u0301\u0302\u0303', 'Z[U+0301][U+0302][U+0303]'],
  ['one accent is a letter’s', 'e\u0301', 'e\u0301'],
  ['foreign letters in a word are marked', 'pаypal.com', 'p{а}ypal.com'],
  ['so are wide ones', 'ｐaypal', '{ｐ}aypal'],
  ['a word of another alphabet is a word', 'Привет, Ada', 'Привет, Ada'],
  [
    'marks cannot be imitated',
    '<mark class="odd">U+202E</mark>',
    '&lt;mark class=&quot;odd&quot;&gt;U+202E&lt;/mark&gt;',
  ],
])('%s', (_, text, expected) => {
  expect(shown(text)).toBe(expected);
});

test('a long text takes no longer than its length', () => {
  const long = `${'a'.repeat(200_000)}\u0430 ${'\u202e'.repeat(20_000)}${'a\u0301\u0302\u0303'.repeat(20_000)}`;
  expect(shown(long).length).toBeGreaterThan(200_000);
});
