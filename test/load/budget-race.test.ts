/** One budget, raced by many clients through every door. `TOLLGATE_RACES` says how often; once each by default. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Snapshot } from '../../src/domain/session.ts';
import { startGateway, temporaryFolder } from '../support/gateway.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { type Counter, serveCounter } from './support/counter.ts';
import { BUDGET, CLIENTS, httpCaller, policyOf, Replicas, race, shimOf } from './support/race.ts';

const RACES = Number(process.env['TOLLGATE_RACES'] ?? 1);
const LONG = 300_000;

async function counting(): Promise<Counter> {
  const counter = await serveCounter();
  onTestFinished(() => counter.close());
  return counter;
}

/** What reached the server: how many keys, and how often the one that came most often. */
const reached = ({ counts }: Counter) => ({ keys: counts.size, most: Math.max(...counts.values()) });

const spentBy = (sessions: readonly Snapshot[]): unknown =>
  sessions.map(({ used }) => used['calls']).filter((calls) => calls !== undefined && calls > 0);

test.each(Array.from({ length: RACES }, (_, index) => index + 1))(
  'on SQLite, over HTTP and two shims, exactly as many calls are made as the budget has (race %d)',
  { timeout: LONG },
  async () => {
    const counter = await counting();
    const gateway = await startGateway(policyOf(counter.url), { words: ['--anonymous'] });
    onTestFinished(() => gateway.stop());
    const folder = temporaryFolder();
    const shims = await Promise.all([shimOf(gateway, folder), shimOf(gateway, folder)]);
    onTestFinished(async () => void (await Promise.all(shims.map((shim) => shim.close()))));

    expect(await shims[0]?.call('the first')).toBe('made');
    const [opened] = JSON.parse((await gateway.command('sessions', '--json')).stdout) as readonly Snapshot[];
    const http = httpCaller(() => `${gateway.url}/${opened?.session.id}`);
    const told = await race([http, ...shims.map((shim) => shim.call)]);

    expect(told).toEqual({ made: BUDGET - 1, over: CLIENTS, lost: 0 });
    expect(reached(counter)).toEqual({ keys: BUDGET, most: 1 });
    const sessions = JSON.parse((await gateway.command('sessions', '--json')).stdout) as readonly Snapshot[];
    expect(spentBy(sessions)).toEqual([BUDGET]);
  },
);

const about = noPostgres === undefined ? 'on PostgreSQL, with three replicas,' : `(skipped: ${noPostgres})`;
describe.skipIf(noPostgres !== undefined)(about, () => {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());

  async function three(counter: Counter): Promise<Replicas> {
    if (server === undefined) throw new Error('PostgreSQL is started before the tests');
    const replicas = new Replicas(policyOf(counter.url), await server.database());
    onTestFinished(() => replicas.stop());
    for (let count = 0; count < 3; count++) await replicas.start();
    return replicas;
  }

  test.each(Array.from({ length: RACES }, (_, index) => index + 1))(
    'exactly as many calls are made as the budget has (race %d)',
    { timeout: LONG },
    async () => {
      const counter = await counting();
      const replicas = await three(counter);
      const told = await race([httpCaller(replicas.door)]);
      expect(told).toEqual({ made: BUDGET, over: CLIENTS, lost: 0 });
      expect(reached(counter)).toEqual({ keys: BUDGET, most: 1 });
      expect(spentBy(await replicas.sessions())).toEqual([BUDGET]);
    },
  );

  test.each(Array.from({ length: RACES }, (_, index) => index + 1))(
    'replicas that are killed at any moment overspend nothing, and repeat nothing (race %d)',
    { timeout: LONG },
    async () => {
      const counter = await counting();
      const replicas = await three(counter);
      // Each kill waits for the last replica to be there, so that somebody always answers.
      let replaced: Promise<void> = Promise.resolve();
      const kills = [...Array.from({ length: 4 }, () => Math.floor(Math.random() * BUDGET * 0.9))];
      counter.onCount = (total) => {
        if (kills.includes(total)) replaced = replaced.then(() => replicas.replace());
      };
      const told = await race([httpCaller(replicas.door)]);
      await replaced;
      expect(told.over).toBe(CLIENTS);
      expect(spentBy(await replicas.sessions())).toEqual([BUDGET]);
      // A call that was charged and whose replica died before it sent it never reached the server.
      const { keys, most } = reached(counter);
      expect({ most, within: keys <= BUDGET && keys >= told.made }, `${keys} keys, told ${told.made}`).toEqual({
        most: 1,
        within: true,
      });
    },
  );
});
