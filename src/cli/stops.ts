/** `tollgate stop`, `stops`, `lift`: what makes no more calls, on every replica, until a person lifts it. */
import { userInfo } from 'node:os';
import { printable } from '../domain/printable.ts';
import { STOP_KINDS, type Stop, type StopKind } from '../domain/stop.ts';
import { EXIT, Exit } from './exit.ts';
import { withLedger } from './ledger.ts';
import { table } from './terminal.ts';

export type StopOptions = Partial<Readonly<Record<Exclude<StopKind, 'all'>, string>>> & {
  readonly all?: boolean;
  readonly why: string;
};

export async function stop({ why, ...options }: StopOptions): Promise<void> {
  const [kind, ...more] = STOP_KINDS.filter((one) => options[one] !== undefined);
  if (kind === undefined || more.length > 0)
    throw new Exit(EXIT.usage, [`say what is stopped: one of ${STOP_KINDS.map((one) => `--${one}`).join(', ')}`]);
  const said = options[kind];
  const key = typeof said === 'string' ? said : '';
  if (kind !== 'all' && key === '') throw new Exit(EXIT.usage, [`--${kind} names nothing`]);
  await withLedger(async (ledger) => {
    const stopping = { kind, key, by: userInfo().username, why, at: Date.now() };
    const stopped = await ledger.stop(stopping);
    if (!stopped.ok) throw new Exit(EXIT.refused, [stopped.error]);
    const { id } = stopped.value;
    process.stdout.write(`Stopped: ${wordsOf(stopped.value)}. To lift it: tollgate lift ${id} --why TEXT\n`);
  });
}

export const listStops = (options: { all: boolean; json: boolean }): Promise<void> =>
  withLedger(async (ledger) => {
    const stops = (await ledger.stops()).filter(({ lifted }) => options.all || lifted === undefined);
    if (options.json) {
      process.stdout.write(`${JSON.stringify(stops)}\n`);
      return;
    }
    if (stops.length === 0) {
      process.stdout.write('Nothing is stopped.\n');
      return;
    }
    const rows = stops.map((one) => [
      one.id,
      wordsOf(one),
      one.by,
      new Date(one.at).toISOString(),
      one.why,
      one.lifted === undefined ? '-' : `${one.lifted.by}: ${one.lifted.why}`,
    ]);
    const heads = ['stop', 'of', 'by', 'since', 'why', 'lifted'];
    const shown = options.all ? rows : rows.map((row) => row.slice(0, -1));
    process.stdout.write(`${table(shown, options.all ? heads : heads.slice(0, -1))}\n`);
  });

export const lift = (id: string, options: { why: string }): Promise<void> =>
  withLedger(async (ledger) => {
    const lifted = await ledger.lift(id, userInfo().username, options.why, Date.now());
    if (!lifted.ok) throw new Exit(EXIT.refused, [lifted.error]);
    process.stdout.write(`Lifted: ${wordsOf(lifted.value)} may be called again.\n`);
  });

const wordsOf = ({ kind, key }: Stop): string => (kind === 'all' ? 'everything' : `${kind} ${printable(key)}`);
