/**
 * Text that a model or a person will read, and what in it only machines see. `readable` takes that out of words that stand
 * for a thing (descriptions, titles); `visible` shows it in words that are the thing (results, messages).
 */

/**
 * What is hidden: control characters (terminal escapes) but tab and line feed, format characters (zero width, bidi, tags,
 * soft hyphen) but the Arabic and Indic number signs that have a shape, whatever else Unicode shows as nothing (variation
 * selectors, fillers), line and paragraph separators, private use and lone surrogates.
 */
const HIDDEN =
  /[[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]--[\t\n\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]]/v;
const EVERY_HIDDEN = new RegExp(HIDDEN.source, 'gv');

/**
 * Without what is hidden. Taken out rather than shown: words split by invisible characters join again, so that whoever
 * reads the text sees what the model sees, and a message in invisible characters alone is gone.
 */
export const readable = (text: string): string => text.replace(/\r\n?/g, '\n').replace(EVERY_HIDDEN, '');

/** The flags of England, Scotland and Wales are written in tags: nothing else is left of those. */
const FLAG = String.raw`\p{RGI_Emoji_Tag_Sequence}`;
const FLAGS_AND_HIDDEN = new RegExp(`${FLAG}|${HIDDEN.source}`, 'gv');
const NOT_PLAIN = /[^\t\n\x20-\x7e]/;

/**
 * With what is hidden shown as `⟨U+200B⟩`, up to four times as long. What belongs to a writing stays: joiners in the scripts
 * and emoji that are written with them, single direction marks, variation selectors after what has variants, a byte order
 * mark in front, line ends, line and paragraph separators.
 */
export function visible(text: string): string {
  if (!NOT_PLAIN.test(text) || !HIDDEN.test(text)) return text;
  return text.replace(FLAGS_AND_HIDDEN, (found, at: number) => (isWriting(found, text, at) ? found : shownAs(found)));
}

function isWriting(found: string, text: string, at: number): boolean {
  if (isFlag(found)) return true;
  const belongs = KEPT.get(found) ?? (VARIANT.test(found) ? isVariant : undefined);
  return (
    belongs?.({ before: codePointBefore(text, at), found, after: codePointAfter(text, at + found.length) }) ?? false
  );
}

const isFlag = (found: string): boolean => found.length > 2;

const shownAs = (found: string): string =>
  `⟨U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;

interface Around {
  /** The code point before and the one after; empty at the ends. */
  readonly before: string;
  readonly found: string;
  readonly after: string;
}

function codePointAfter(text: string, at: number): string {
  const after = text.codePointAt(at);
  return after === undefined ? '' : String.fromCodePoint(after);
}

function codePointBefore(text: string, at: number): string {
  if (at === 0) return '';
  const whole = at > 1 ? text.codePointAt(at - 2) : undefined;
  return whole !== undefined && whole > 0xffff ? String.fromCodePoint(whole) : text.charAt(at - 1);
}

/** Letters and marks of scripts that are written with joiners. */
const JOINING =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]$/v;
const PICTURE = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/v;

const isHidden = (one: string): boolean => one !== '' && HIDDEN.test(one);

/** A word may end with a joiner that shapes its last letter. */
const joinsLetters = ({ before }: Around): boolean => JOINING.test(before);
const joinsPictures = ({ before, after }: Around): boolean =>
  (PICTURE.test(before) || before === '\ufe0f') && PICTURE.test(after);

/** Pictures, and digits that are keys. */
const hasVariants = ({ before, after }: Around): boolean =>
  PICTURE.test(before) || (/^[0-9#*]$/.test(before) && after === '\u20e3');

/** One alone, as systems put beside numbers and names; between two Latin letters it only hides a word. */
const marksDirection = ({ before, after }: Around): boolean =>
  !isHidden(before) && !isHidden(after) && !(/^\p{Script=Latin}$/v.test(before) && /^\p{Script=Latin}$/v.test(after));

const KEPT: ReadonlyMap<string, (around: Around) => boolean> = new Map([
  ['\u200c', joinsLetters],
  ['\u200d', (one: Around) => joinsLetters(one) || joinsPictures(one)],
  ['\u200e', marksDirection],
  ['\u200f', marksDirection],
  ['\u061c', marksDirection],
  ['\ufe0e', hasVariants],
  ['\ufe0f', hasVariants],
  ['\ufeff', ({ before }: Around) => before === ''],
  ['\r', ({ after }: Around) => after === '\n'],
  ['\u2028', () => true],
  ['\u2029', () => true],
]);

const VARIANT = /^[\ufe00-\ufe02\u{e0100}-\u{e01ef}\u180b-\u180f]$/v;

/** Of Han characters (names are written so) and of Mongolian letters. */
const isVariant = ({ before, found }: Around): boolean =>
  /^[\u180b-\u180f]$/.test(found) ? /^\p{Script=Mongolian}$/v.test(before) : /^\p{Script=Han}$/v.test(before);

/** All the same characters, and blanks that are no space, shown by their code points: `⟨U+200B⟩`. */
export const revealed = (text: string): string => text.replace(/\r\n?/g, '\n').replace(REVEALED, (one) => shownAs(one));
const REVEALED = new RegExp(`${HIDDEN.source}|[\\p{Zs}--[\\u0020]]`, 'gv');
