/** The keeper on a real ledger, with real processes and folders. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Committed, Settled } from '../../src/domain/call.ts';
import { LedgerFault } from '../../src/domain/ports.ts';
import type { Life } from '../../src/domain/session.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import type { ServerPool } from '../../src/downstream/server-pool.ts';
import { keepEnds } from '../../src/keeper/keep-ends.ts';
import { Keeper } from '../../src/keeper/keeper.ts';
import { longestIdle } from '../../src/keeper/longest-idle.ts';
import { CallsInFlight } from '../../src/stages/calls-in-flight.ts';
import { SessionFolders } from '../../src/store/session-folders.ts';
import { enter, intentOf, KEY, MINUTE, START, settlementOf } from '../contract/ledger-bench.ts';
import { profileOf, saidOfTool } from '../policy/policy-text.ts';
import { openSqliteBench, type SqliteBench } from '../store/sqlite-bench.ts';
import { startGateway, temporaryFolder } from '../support/gateway.ts';
import { post } from '../support/posts.ts';

const HOUR = 60 * MINUTE;
const NO_LIFE: Life = { idle: undefined, maxAge: undefined, renew: undefined };
const SERVER = join(import.meta.dirname, '..', 'support', 'servers', 'rough-stdio.ts');

let folder: string;
let bench: SqliteBench;
let downstream: ServerPool;
let folders: SessionFolders;
let at: number;
let faults: unknown[];
let flights: CallsInFlight;

beforeEach(async () => {
  folder = temporaryFolder();
  bench = await openSqliteBench();
  folders = new SessionFolders(join(folder, 'sessions'));
  at = START;
  faults = [];
  flights = new CallsInFlight();
  downstream = openDownstream({
    servers: new Map([
      ['rough', { kind: 'stdio', command: [process.execPath, SERVER], env: {}, cwd: folder, era: undefined }],
    ]),
    rooms: folders.enter,
    now: () => at,
    log: () => undefined,
  });
});
afterEach(async () => {
  await downstream.close();
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

async function keeperOf(life: Partial<Life>): Promise<Keeper> {
  const { ledger } = bench;
  const profile = { ...profileOf(saidOfTool('{}')), name: KEY.profile, life: { ...NO_LIFE, ...life } };
  const kept = {
    sessions: () => [...downstream.sessions(), ...folders.names()],
    leave: async (session: string) => {
      await downstream.leave(session);
      folders.remove(session);
    },
  };
  const ends = await keepEnds({ ledger, flights, kept, fault: () => undefined });
  onTestFinished(() => ends.close());
  return new Keeper({
    ledger,
    profiles: new Map([[profile.name, profile]]),
    sessions: () => downstream.sessions(),
    rest: (session) => downstream.leave(session),
    endOver: () => ends.look(),
    now: () => at,
    fault: (error) => void faults.push(error),
  });
}

/** A session with a process and a folder. */
async function roomOf(session: string): Promise<string> {
  const connected = await downstream.connect('rough', session, NO_ABILITIES);
  if (!connected.ok) throw new Error(connected.error.why);
  folders.enter(session);
  return session;
}

const stateOf = async (session: string) => (await bench.ledger.describe(session, at))?.session.state;
const has = (session: string) => [downstream.sessions().has(session), existsSync(folders.of(session))];

test('a session that grows too old expires without a caller, and its processes and folder go', async () => {
  const keeper = await keeperOf({ maxAge: HOUR });
  const session = await roomOf(await enter(bench.ledger));
  at = START + HOUR - 1;
  await keeper.round();
  expect([await stateOf(session), ...has(session)]).toEqual(['running', true, true]);
  at += 1;
  await keeper.round();
  expect([await stateOf(session), ...has(session)]).toEqual(['expired', false, false]);
});

test('without a word of the policy no session grows too old or idle', async () => {
  const keeper = await keeperOf({});
  const session = await roomOf(await enter(bench.ledger));
  at = START + 1_000 * HOUR;
  await keeper.round();
  expect([await stateOf(session), ...has(session)]).toEqual(['running', true, true]);
});

test('the processes of a session without calls end; it stays as it is, with its folder', async () => {
  const keeper = await keeperOf({ idle: HOUR });
  const { ledger } = bench;
  const session = await roomOf(await enter(ledger));
  const intent = intentOf(session, { at: START + 5 });
  await ledger.commit(intent);
  at = START + 10 * HOUR; // under way all the while
  await keeper.round();
  expect(has(session)).toEqual([true, true]);
  await ledger.settle(settlementOf(intent, { at }));
  at += HOUR - 1;
  await keeper.round();
  expect(has(session)).toEqual([true, true]);
  at += 1;
  await keeper.round();
  expect([await stateOf(session), ...has(session)]).toEqual(['running', false, true]);
});

/** As far as it matters to who keeps calls in flight. */
const committedIn = (session: string): Committed => {
  const { signal } = new AbortController();
  const line = { signal, logLevel: undefined, progress: () => undefined, log: () => undefined };
  const contract = { kind: 'tool', server: 'rough', name: 'rough' };
  const call = { id: 'call_1', line, contract, digest: 'sha256:1', principal: KEY.principal };
  return { ...call, session: { id: session, lineage: session } } as unknown as Committed;
};

test('what is under way in a session that grew too old ends first, and then what runs for it', async () => {
  const keeper = await keeperOf({ maxAge: HOUR });
  const other = await roomOf(await enter(bench.ledger, { ...KEY, folder: '/elsewhere' }));
  const session = await roomOf(await enter(bench.ledger));
  const ends = Promise.withResolvers<Settled>();
  const under = flights.during(committedIn(session), () => ends.promise);
  await bench.ledger.change(session, 'expire', 'tollgate', 'it is old', at);
  await keeper.round();
  expect(has(session)).toEqual([true, true]);
  ends.resolve({ id: 'call_1', outcome: { outcome: 'ok', result: {} }, recorded: undefined, left: undefined });
  await under;
  await keeper.round();
  expect(has(session)).toEqual([false, false]);
  expect(has(other)).toEqual([true, true]);
});

test('a running gateway goes round by itself', async () => {
  const server = `{ command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(SERVER)}, "\${session.dir}"] }`;
  const gateway = await startGateway(
    `version: 1\nprofile: kept\nwho: local\nservers: { rough: ${server} }\ntools: { rough.rough: { effect: read } }\nsession: { max_age: 1s }\n`,
    { words: ['--anonymous'] },
  );
  try {
    const call = { name: 'rough__rough', arguments: { do: 'echo' } };
    const answer = await post(gateway, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call });
    expect(answer.last.result).toMatchObject({ content: [{ text: 'ok' }] });
    const sessions = async (): Promise<readonly { session: { id: string; state: string } }[]> =>
      JSON.parse((await gateway.command('sessions', '--all', '--json')).stdout);
    const id = (await sessions()).at(0)?.session.id ?? '';
    const room = join(gateway.home.sessions, id);
    expect(existsSync(room)).toBe(true);
    await expect.poll(() => existsSync(room), { timeout: 60_000, interval: 200 }).toBe(false);
    expect(await sessions()).toMatchObject([{ session: { id, state: 'expired' } }]);
  } finally {
    await gateway.stop();
  }
}, 90_000);

test('a round that fails is told, and the next one begins; the keeper closes all the same', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const keeper = await keeperOf({ maxAge: HOUR });
  await bench.ledger.close();
  keeper.start();
  vi.advanceTimersByTime(10_000);
  await expect.poll(() => faults).toHaveLength(1);
  vi.advanceTimersByTime(10_000);
  await keeper.close();
  expect(faults).toEqual(Array(2).fill(new LedgerFault('The ledger is closed.')));
  vi.advanceTimersByTime(100_000);
  await keeper.close();
  expect(faults).toHaveLength(2);
});

test('connections rest as long as the most patient policy bears, and ten minutes at least', () => {
  const resting = (idle: number | undefined) => ({ ...profileOf(saidOfTool('{}')), life: { ...NO_LIFE, idle } });
  expect(longestIdle([])).toBe(10 * MINUTE);
  expect(longestIdle([resting(undefined), resting(MINUTE)])).toBe(10 * MINUTE);
  expect(longestIdle([resting(MINUTE), resting(2 * HOUR), resting(HOUR)])).toBe(2 * HOUR);
});
