/** Text that a model or a person will read, without what only machines see. */

/**
 * What is taken out: control characters (terminal escapes) but tab and line feed, format characters (zero width, bidi,
 * tags, soft hyphen), whatever else Unicode shows as nothing (variation selectors, fillers), line and paragraph
 * separators, private use and lone surrogates. Taken out rather than shown: words split by invisible characters join
 * again, so that whoever reads the text sees what the model sees, and a message in invisible characters alone is gone.
 */
const HIDDEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** All the same characters, and blanks that are no space, shown by their code points: `<U+200B>`. */
export const revealed = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(REVEALED, (hidden) => {
    const code = hidden.codePointAt(0) ?? 0;
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
const REVEALED = new RegExp(`${HIDDEN.source}|(?! )\\p{Zs}`, 'gu');

export const readable = (text: string): string => text.replace(/\r\n?/g, '\n').replace(HIDDEN, '');
