/**
 * What the ledger costs in each of its homes: `commit` and `settle` of one session's calls, from the asking to the promise,
 * so many in flight. SQLite in a file, PostgreSQL on loopback, both as they are by default, waiting for the disk where a
 * call is no `read`. Homes take turns within a round; ratios are against SQLite in the same round.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonical, digestOf } from '../src/domain/json.ts';
import type { Intent, Ledger } from '../src/domain/ports.ts';
import { agentOf } from '../src/domain/principal.ts';
import { openLedger } from '../src/store/open-ledger.ts';
import { noPostgres, startPostgres } from '../test/support/postgres-server.ts';

const ROUNDS = 5;
/** Calls a turn, by how many are in flight. */
const TURNS = [
  { inFlight: 1, calls: 300 },
  { inFlight: 16, calls: 2_000 },
  { inFlight: 64, calls: 4_000 },
] as const;
const EFFECTS = ['read', 'write'] as const;
const BASELINE = 'SQLite';

interface Home {
  readonly name: string;
  readonly ledger: Ledger;
  readonly session: string;
}

interface Turn {
  readonly home: string;
  readonly effect: (typeof EFFECTS)[number];
  readonly inFlight: number;
  readonly callsPerSecond: number;
  /** Medians, in milliseconds. */
  readonly commit: number;
  readonly settle: number;
}

const now = (): number => Math.floor(performance.timeOrigin + performance.now());

async function opened(name: string, store: string, ended: AsyncDisposableStack): Promise<Home> {
  const ledger = await openLedger({ store, contentKey: randomBytes(32), role: 'owner' });
  ended.defer(() => ledger.close());
  const key = { principal: agentOf('bench'), profile: 'bench', folder: undefined };
  const entered = await ledger.enter(key, now());
  if (!entered.ok) throw new Error(`${name} opens no session`);
  return { name, ledger, session: entered.value.session.id };
}

function intentOf(home: Home, effect: Turn['effect']): Intent {
  const { session } = home;
  const text = canonical({ path: `notes/${randomUUID()}.txt` });
  return {
    ...{ call: `call_${randomUUID()}`, session, at: now(), target: 'files.write', effect, digest: digestOf({ text }) },
    ...{ canonical: text, claims: { calls: 1 }, caps: { calls: Number.MAX_SAFE_INTEGER }, timeout: 30_000 },
    ...{ renew: undefined, expiresAt: undefined, principalCaps: [], replica: home.ledger.standing().replica },
    ...{ demands: [], labels: [], judgedBy: undefined, fields: {}, agentReason: undefined, grant: undefined },
    production: undefined,
    body: { policy: 'sha256:bench' },
  };
}

async function turn(home: Home, effect: Turn['effect'], inFlight: number, calls: number): Promise<Turn> {
  const took = { commit: [] as number[], settle: [] as number[] };
  const timed = async <T>(into: number[], work: Promise<T>): Promise<T> => {
    const began = performance.now();
    const value = await work;
    into.push(performance.now() - began);
    return value;
  };
  let started = 0;
  const caller = async (): Promise<void> => {
    while (started++ < calls) {
      const intent = intentOf(home, effect);
      const committed = await timed(took.commit, home.ledger.commit(intent));
      if (!committed.ok) throw new Error(`${home.name} refused a call: ${committed.reason}`);
      const settlement = { outcome: 'ok' as const, fields: {}, unspent: {}, recorded: undefined, body: {} };
      await timed(
        took.settle,
        home.ledger.settle({ call: intent.call, session: home.session, at: now(), ...settlement }),
      );
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: inFlight }, caller));
  const seconds = (performance.now() - began) / 1_000;
  const medians = { commit: median(took.commit), settle: median(took.settle) };
  return { home: home.name, effect, inFlight, callsPerSecond: calls / seconds, ...medians };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The table, as text. */
export async function ledger(tell: (line: string) => void): Promise<string> {
  await using ended = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'bench-ledger-'));
  ended.defer(() => rmSync(folder, { recursive: true, force: true }));
  const homes = [await opened(BASELINE, join(folder, 'ledger.db'), ended)];
  if (noPostgres === undefined) {
    const server = await startPostgres({ durable: true });
    ended.defer(() => server.stop());
    homes.push(await opened('PostgreSQL', await server.database(), ended));
  }
  const turns: Turn[][] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const done: Turn[] = [];
    for (const effect of EFFECTS) {
      for (const { inFlight, calls } of TURNS) {
        for (const home of homes) {
          tell(
            `${round === 0 ? 'warming up' : `round ${round} of ${ROUNDS}`}, ${effect}, ${inFlight} in flight, ${home.name}`,
          );
          done.push(await turn(home, effect, inFlight, calls));
        }
      }
    }
    if (round > 0) turns.push(done);
  }
  tell('');
  const lines = (turns[0] ?? []).map((_, at) => lineOf(turns.map((round) => ({ round, own: round[at] }))));
  const skipped = noPostgres === undefined ? [] : ['', `PostgreSQL is left out: ${noPostgres}.`];
  return [HEAD, ...lines, ...skipped].join('\n');
}

const HEAD = 'effect  in flight  home        commit ms  settle ms  calls/s  calls/s against SQLite';

function lineOf(rounds: readonly { readonly round: readonly Turn[]; readonly own: Turn | undefined }[]): string {
  const own = rounds.flatMap((one) => one.own ?? []);
  const ratios = rounds.map(({ round, own: mine }) => {
    const base = round.find(
      (one) => one.home === BASELINE && one.effect === mine?.effect && one.inFlight === mine.inFlight,
    );
    return (mine?.callsPerSecond ?? Number.NaN) / (base?.callsPerSecond ?? Number.NaN);
  });
  const [first] = own;
  const middle = (of: (turn: Turn) => number): number => median(own.map(of));
  return [
    (first?.effect ?? '').padEnd(6),
    String(first?.inFlight).padStart(9),
    (first?.home ?? '').padEnd(10),
    middle((one) => one.commit)
      .toFixed(2)
      .padStart(9),
    middle((one) => one.settle)
      .toFixed(2)
      .padStart(9),
    middle((one) => one.callsPerSecond)
      .toFixed(0)
      .padStart(7),
    `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`,
  ].join('  ');
}
