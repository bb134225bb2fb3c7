/** What a text shows of commands and their output, and whether a real output is as it was shown. */
import { stripVTControlCharacters } from 'node:util';

/** A command of a console block, and the lines that are shown under it. */
export interface Shown {
  readonly command: string;
  readonly lines: readonly string[];
}

/** The fenced blocks of one language, without their fences. */
export const blocksOf = (markdown: string, language: string): readonly string[] =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);

/** The commands of a console block: what stands after `$ `. */
export function commandsOf(block: string): readonly Shown[] {
  const [before, ...commands] = `\n${block}`.split('\n$ ');
  if (before !== '') throw new Error(`a console block begins with a command, not with ${before}`);
  return commands.map((text) => {
    const [command = '', ...lines] = text.split('\n');
    return { command, lines };
  });
}

/**
 * The first thing that was shown and was not so; undefined when all of it was. A line `...` stands for any lines, `…` at
 * the end of a line for the rest of it. Blank lines count for nothing, nor do ids, ports, times, paths and the user's name.
 */
export function differenceOf(shown: readonly string[], output: string): string | undefined {
  const actual = linesOf(output.split('\n'));
  let at = 0;
  let mayskip = false;
  for (const line of linesOf(shown)) {
    if (line === '...') {
      mayskip = true;
      continue;
    }
    const next = mayskip ? actual.findIndex((other, index) => index >= at && fits(line, other)) : at;
    if (next === -1 || !fits(line, actual[next])) {
      return `shown:  ${line}\nactual: ${actual.slice(at, at + 3).join('\n        ')}`;
    }
    at = next + 1;
    mayskip = false;
  }
  return mayskip || at === actual.length ? undefined : `not shown: ${actual[at]}`;
}

const linesOf = (lines: readonly string[]): readonly string[] => lines.map(plain).filter((line) => line !== '');

function fits(shown: string, actual: string | undefined): boolean {
  if (!shown.endsWith('…')) return shown === actual;
  return actual?.startsWith(shown.slice(0, -1).trimEnd()) === true;
}

/** What differs from one run and machine to the next, by the word that takes its place. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  // npm turns a wheel of braille while it starts.
  [/[\r\u2800-\u28ff]/g, ''],
  [/(?<![\w:/.\])])\/[\w.@+/-]+/g, 'PATH'],
  [/(127\.0\.0\.1:)\d+/g, '$1PORT'],
  [/(process\s+)\d+/g, '$1PID'],
  [/\b(h|s|call)_[\w-]{8,}/g, '$1_ID'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/\d{1,2}:\d\d:\d\d(\.\d+)?(\s[AP]M)?/g, 'TIME'],
  [/\b\d+(\.\d+)? s\b/g, 'SECONDS'],
  [/(agent-of:|by=|set for )[\w-]+/g, '$1USER'],
  [/\s+/g, ' '],
];

const plain = (line: string): string =>
  VARYING.reduce((text, [pattern, word]) => text.replace(pattern, word), stripVTControlCharacters(line)).trim();
