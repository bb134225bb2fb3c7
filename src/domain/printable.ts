const HIDDEN = /(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Text from a stranger, for people to read: what moves the cursor, turns the direction, joins or takes no ink is shown as its
 * code point, `\u{202e}`. Blanks other than a space count as hidden.
 */
export const printable = (text: string): string =>
  text.replace(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`);
