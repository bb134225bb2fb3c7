import { describe, expect, test } from 'vitest';
import { readable, revealed, visible } from '../../src/policy/shown/readable.ts';

describe('writing stays as it is:', () => {
  test.each<[string, string]>([
    ['plain text, with tabs and line feeds', 'a\tb\nc'],
    ['a family', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
    ['a heart in colour, and one in text', '\u2764\ufe0f \u2764\ufe0e'],
    ['a heart on fire', '\u2764\ufe0f\u200d\u{1f525}'],
    ['a profession with a skin', '\u{1f469}\u{1f3fd}\u200d\u{1f4bb}'],
    ['a key', '1\ufe0f\u20e3'],
    ['the flag of Scotland', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['Persian', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
    ['Sinhala', '\u0d9a\u0dca\u200d\u0dbb'],
    ['Malayalam that ends with a joiner', '\u0d28\u0d4d\u200d'],
    ['a name in Han', '\u845b\u{e0100}'],
    ['a date as some systems write it', '\u200e2024\u200e-\u200e01'],
    ['a direction mark behind a Latin word', 'a\u200e 1, a\u200e1'],
    ['direction marks of right to left', '\u05d0\u200f1'],
    ['an Arabic direction mark', '\u0627\u061c1'],
    ['a Mongolian letter in another form', '\u1820\u180b'],
    ['a verse number', '\u06dd'],
    ['a byte order mark in front', '\ufeffa'],
    ['a line separator', 'a\u2028b'],
  ])('%s', (_what, text) => {
    expect(visible(text)).toBe(text);
  });
});

describe('what nobody sees is shown:', () => {
  test.each<[string, string, string]>([
    ['a zero width space', 'a\u200bb', 'a⟨U+200B⟩b'],
    ['a terminal escape', '\u001b[2J', '⟨U+001B⟩[2J'],
    ['its one-character form', '\u009b2J', '⟨U+009B⟩2J'],
    ['a bell, a null, a backspace', '\u0007\u0000\u0008', '⟨U+0007⟩⟨U+0000⟩⟨U+0008⟩'],
    ['a message in tags', 'x\u{e0041}\u{e0042}', 'x⟨U+E0041⟩⟨U+E0042⟩'],
    ['tags behind a flag that is none', '\u{1f3f4}\u{e0041}\u{e007f}', '\u{1f3f4}⟨U+E0041⟩⟨U+E007F⟩'],
    ['an override and an isolate', '\u202ea\u2066', '⟨U+202E⟩a⟨U+2066⟩'],
    ['a joiner between Latin letters', 'ig\u200dno\u200cre', 'ig⟨U+200D⟩no⟨U+200C⟩re'],
    ['a joiner before a picture, behind a letter', 'a\u200d\u{1f525}', 'a⟨U+200D⟩\u{1f525}'],
    ['a Mongolian form of a Han character', '\u845b\u180b', '\u845b⟨U+180B⟩'],
    ['a Han form of a Mongolian letter', '\u1820\ufe00', '\u1820⟨U+FE00⟩'],
    ['a second joiner', '\u0645\u200c\u200c\u06cc', '\u0645\u200c⟨U+200C⟩\u06cc'],
    ['a direction mark inside a word', 'ig\u200enore', 'ig⟨U+200E⟩nore'],
    ['direction marks in a row', ' \u200e\u200f ', ' ⟨U+200E⟩⟨U+200F⟩ '],
    ['bytes in variation selectors', '\u{1f600}\ufe0f\ufe01\u{e0101}', '\u{1f600}\ufe0f⟨U+FE01⟩⟨U+E0101⟩'],
    ['a variation of a digit', '1\ufe0f', '1⟨U+FE0F⟩'],
    ['a byte order mark inside', 'a\ufeffb', 'a⟨U+FEFF⟩b'],
    ['a soft hyphen, a word joiner', 'a\u00ad\u2060b', 'a⟨U+00AD⟩⟨U+2060⟩b'],
    ['an invisible operator', 'a\u2062b', 'a⟨U+2062⟩b'],
    ['a filler', '\u3164', '⟨U+3164⟩'],
    ['private use', '\ue000\u{f0000}', '⟨U+E000⟩⟨U+F0000⟩'],
    ['half of a pair', 'a\ud800b', 'a⟨U+D800⟩b'],
    ['a return that overwrites', 'safe\rbad\r\n', 'safe⟨U+000D⟩bad\r\n'],
  ])('%s', (_what, text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});

test('revealed are also what writing needs and the blanks that are no space, and every end of a line is one', () => {
  expect(revealed('a\r\nb\rc\u200dd\u00a0e')).toBe('a\nb\nc⟨U+200D⟩d⟨U+00A0⟩e');
});

test('shown once, a text is shown as it is', () => {
  const shown = visible('a\u200b\u001b\u{e0041}\u200e\u200fb');
  expect(visible(shown)).toBe(shown);
});

test('one table: nothing that is taken out of descriptions is handed over hidden in results, but what writing needs', () => {
  const odd = Array.from({ length: 0x110000 }, (_, point) => `a${String.fromCodePoint(point)}b`).filter(
    (text) => visible(text) === text && readable(text) !== text,
  );
  expect(odd).toEqual(['a\u2028b', 'a\u2029b']);
});
