/** A whole terminal of what waits: the list, the one that is chosen, and what the keys do. Pure but for colours. */
import type { Hold } from '../../domain/hold.ts';
import { ago } from '../ago.ts';
import { colours, table } from '../terminal.ts';

export interface Shown {
  readonly holds: readonly Hold[];
  /** Which of them is chosen. */
  readonly chosen: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What the last answer came to; empty where there was none. */
  readonly said: string;
  /** Everything about the one that is chosen, as it is shown before an answer. */
  readonly detail: (hold: Hold) => string;
  readonly columns: number;
  readonly rows: number;
}

/** Lines that the list and the words around it take beside its rows. */
const AROUND = 5;
/** The list leaves so much of the screen to the one that is chosen. */
const LIST = 0.4;

/** At most `rows` lines. Those that are longer than the screen is wide are the terminal's to cut. */
export function screenOf({ holds, chosen, at, said, detail, columns, rows }: Shown): readonly string[] {
  const { bold, dim, inverse } = colours;
  const count = holds.length;
  const title =
    count === 0 ? 'No call waits for a person.' : `${count} ${count === 1 ? 'call waits' : 'calls wait'} for a person`;
  const keys = count === 0 ? 'q quit' : '↑↓ choose  a approve  d deny  q quit';
  const head = [`${bold(title)}  ${dim(keys)}`, said, ''];
  const hold = holds[chosen];
  if (hold === undefined) return head.slice(0, rows);
  const room = Math.max(1, Math.min(count, Math.floor((rows - AROUND) * LIST)));
  const from = Math.max(0, Math.min(chosen - Math.floor(room / 2), count - room));
  const [names = '', ...lines] = table(
    holds.map((one) => rowOf(one, at)),
    ['hold', 'target', 'effect', 'since', 'lapses', 'asked by'],
    columns,
  ).split('\n');
  const list = lines.slice(from, from + room).map((line, place) => (from + place === chosen ? inverse(line) : line));
  const more = count > room ? [dim(`${chosen + 1} of ${count}`)] : [''];
  return [...head, dim(names), ...list, ...more, ...detail(hold).split('\n')].slice(0, rows);
}

const rowOf = (hold: Hold, at: number): readonly string[] => [
  hold.id,
  hold.target,
  hold.effect,
  ago(at - hold.placedAt),
  `in ${ago(Math.max(0, hold.expiresAt - at))}`,
  hold.principal.subject,
];
