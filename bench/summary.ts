/** From rounds to one line a route and load, and to text. */
import picocolors from 'picocolors';
import { IN_FLIGHT, type Measured, WARM_UP } from './measure.ts';

/** Against the baseline in the same round. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Summary {
  readonly inFlight: number;
  readonly route: string;
  /** Medians over the rounds. Milliseconds and microseconds. */
  readonly callsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly processorPerCall: number;
  readonly against: { readonly callsPerSecond: Ratio; readonly p50: Ratio; readonly processorPerCall: Ratio };
}

type Quantity = 'callsPerSecond' | 'p50' | 'p99' | 'processorPerCall';

/** `baseline` is the route that the others are compared with. */
export function summarise(measured: readonly Measured[], baseline: string): readonly Summary[] {
  const routes = [...new Set(measured.map((one) => one.route))];
  return IN_FLIGHT.flatMap((inFlight) =>
    routes.map((route): Summary => {
      const rounds = (of: string) =>
        measured.filter((one) => one.inFlight === inFlight && one.route === of && one.round !== WARM_UP);
      const own = rounds(route);
      const base = rounds(baseline);
      const middle = (quantity: Quantity): number => median(own.map((one) => one[quantity]));
      const against = (quantity: Quantity): Ratio => {
        const ratios = own.map((one, at) => one[quantity] / (base[at]?.[quantity] ?? Number.NaN));
        return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
      };
      return {
        ...{ inFlight, route, callsPerSecond: middle('callsPerSecond'), p50: middle('p50'), p99: middle('p99') },
        processorPerCall: middle('processorPerCall'),
        against: {
          callsPerSecond: against('callsPerSecond'),
          p50: against('p50'),
          processorPerCall: against('processorPerCall'),
        },
      };
    }),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

const COLUMNS: readonly (readonly [string, (row: Summary) => string])[] = [
  ['in flight', (row) => `${row.inFlight}`],
  ['route', (row) => row.route],
  ['calls/s', (row) => row.callsPerSecond.toFixed(0)],
  ['p50 ms', (row) => row.p50.toFixed(2)],
  ['p99 ms', (row) => row.p99.toFixed(2)],
  ['CPU us/call', (row) => row.processorPerCall.toFixed(0)],
  ['calls/s ratio', (row) => ratioText(row.against.callsPerSecond)],
  ['p50 ratio', (row) => ratioText(row.against.p50)],
  ['CPU ratio', (row) => ratioText(row.against.processorPerCall)],
];

const ratioText = ({ median: middle, least, most }: Ratio): string =>
  `${middle.toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`;

/** An aligned table; with `colour`, for a terminal: the last route, which it is all about, stands out. */
export function tableOf(rows: readonly Summary[], colour: boolean): string {
  const { bold, green } = picocolors.createColors(colour);
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, text]) => text(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? '').length)));
  return cells
    .map((line, at) => {
      const text = line.map((cell, column) =>
        column === 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      );
      if (at === 0) return bold(text.join('  '));
      const paint = rows[at - 1]?.route === rows.at(-1)?.route ? green : String;
      return (at > 1 && rows[at - 2]?.inFlight !== rows[at - 1]?.inFlight ? '\n' : '') + paint(text.join('  '));
    })
    .join('\n');
}
