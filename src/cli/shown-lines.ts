import type { Shown } from '../domain/hold.ts';
import { printable } from '../domain/printable.ts';
import { colours } from './terminal.ts';

/** What arguments point at, in full, for a terminal: a line each, so that none of it passes for a line of ours. */
export const shownLines = (shown: Shown | undefined): readonly string[] =>
  shown === undefined
    ? []
    : [
        '',
        `  what they point at, as ${shown.tool} reads it; it is approved with the call:`,
        ...shown.text.split('\n').map((line) => `    ${colours.dim('|')} ${printable(line)}`),
      ];
