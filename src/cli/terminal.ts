/** What the command line says to people and asks of them. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import picocolors from 'picocolors';
import { printable } from '../domain/printable.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

/** Plain where standard output is no terminal or `NO_COLOR` holds anything (no-color.org). */
export const colours = picocolors.createColors(process.stdout.isTTY === true && !process.env['NO_COLOR']);

/**
 * Asks for a passphrase at the controlling terminal, without echo. That a person sits there is what it proves, so it is taken from
 * nowhere else: no argument, no environment, no pipe, no redirected input. Refuses, with a sentence, where there is
 * no terminal and when the person cancels.
 */
export async function askPassphrase(question: string): Promise<Result<string, string>> {
  let screen: number;
  try {
    screen = openSync('/dev/tty', 'w');
  } catch {
    return refuse('A passphrase must be typed at a terminal, and this process has none.');
  }
  const keyboard = new ReadStream(openSync('/dev/tty', 'r'));
  try {
    // Raw before the question is shown, so that nothing typed after it is echoed.
    keyboard.setRawMode(true);
    writeSync(screen, printable(question));
    const answer = await lineFrom(keyboard);
    writeSync(screen, '\n');
    return answer === undefined ? refuse('Cancelled.') : ok(answer);
  } finally {
    keyboard.setRawMode(false);
    keyboard.destroy();
    closeSync(screen);
  }
}

/** What is typed up to Enter; undefined when the person cancels or the terminal goes away. */
function lineFrom(keyboard: ReadStream): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let keys = '';
  keyboard.setEncoding('utf8');
  keyboard.on('data', (more: string) => {
    keys += more;
    const line = lineOf(keys);
    if (line.ended) resolve(line.text);
  });
  keyboard.once('error', () => resolve(undefined));
  keyboard.once('close', () => resolve(undefined));
  return promise;
}

interface Line {
  readonly ended: boolean;
  /** Undefined when cancelled. */
  readonly text: string | undefined;
}

/** What the keys pressed so far amount to. Reads them from the first each time, since a terminal may cut a key in two. */
function lineOf(keys: string): Line {
  const typed: string[] = [];
  for (const key of withoutEscapes(keys)) {
    if (key === '\r' || key === '\n') return { ended: true, text: typed.join('') };
    if (key === CTRL_C || key === CTRL_D) return { ended: true, text: undefined };
    if (key === BACKSPACE || key === '\b') typed.pop();
    else if (key === CTRL_U) typed.length = 0;
    else if (key >= ' ') typed.push(key);
  }
  return { ended: false, text: undefined };
}

const [CTRL_C, CTRL_D, CTRL_U, BACKSPACE, ESCAPE] = ['\u0003', '\u0004', '\u0015', '\u007f', '\u001b'];

/** Arrow keys and the like, and the marks some terminals put around a paste, are no part of a passphrase. */
function withoutEscapes(keys: string): string {
  const [plain = '', ...escaped] = keys.split(ESCAPE);
  return plain + escaped.map((sequence) => sequence.replace(/^(?:\[[0-?]*[ -/]*[@-~]|O[A-Z])/, '')).join('');
}

const GAP = 2;

/**
 * Rows under their column names, aligned, every cell made `printable`. The widest columns are cut, with an ellipsis, until
 * a line fits `width` terminal cells; by default the terminal's own, or no limit where output is no terminal.
 */
export function table(
  rows: readonly (readonly string[])[],
  columns: readonly string[],
  width: number = process.stdout.columns ?? Number.POSITIVE_INFINITY,
): string {
  const lines = [columns, ...rows].map((cells) => cells.map(printable));
  const widths = columns.map((_, column) => Math.max(...lines.map((cells) => cellsOf(cells[column] ?? ''))));
  while (sum(widths) + GAP * (widths.length - 1) > width) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest] === 1) break;
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return lines
    .map((cells) =>
      widths
        .map((room, column) => fitted(cells[column] ?? '', room))
        .join(BLANK.repeat(GAP))
        .trimEnd(),
    )
    .join('\n');
}

const BLANK = ' ';
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function fitted(text: string, room: number): string {
  const spare = room - cellsOf(text);
  if (spare >= 0) return text + BLANK.repeat(spare);
  let kept = '';
  for (const character of text) {
    if (cellsOf(kept + character) > room - 1) break;
    kept += character;
  }
  return fitted(`${kept}…`, room);
}

/** East Asian wide characters and emoji take two cells, combining marks none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += WIDE.test(character) ? 2 : /\p{M}/u.test(character) ? 0 : 1;
  return cells;
}
