import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import { openPostgres } from '../../src/store/postgres/postgres.ts';
import { START } from '../contract/ledger-bench.ts';
import { openPostgresBench, type PostgresBench } from '../store/postgres-bench.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { entriesOf, hold, httpReceiver, start, TestClock } from './bench.ts';

describe.skipIf(noPostgres !== undefined)(
  noPostgres === undefined ? 'of several replicas' : `(skipped: ${noPostgres})`,
  () => {
    let server: PostgresServer;
    let bench: PostgresBench;
    beforeAll(async () => {
      server = await startPostgres();
      bench = await openPostgresBench(server);
    }, 60_000);
    afterAll(async () => {
      await bench.close();
      await server.stop();
    });

    test('one tells, whoever it is, and another one goes on under the same id where that one died', async () => {
      const { url, contentKey } = bench;
      const other = await openPostgres({ url, contentKey, role: 'owner' });
      const receiver = await httpReceiver();
      const clock = new TestClock();
      const entries = entriesOf({ webhook: receiver.url, secret: { secret: 'env://HOOK' } });
      start(bench.ledger, clock, entries);
      start(other, clock, entries);
      const holds: Hold[] = [];
      for (let n = 0; n < 4; n++) holds.push(await hold(n % 2 ? bench.ledger : other, START));
      await receiver.hears(4);
      await vi.waitFor(
        async () => {
          clock.forward(15_000);
          const told = await other.telling.told();
          expect(told.map(({ state }) => state)).toEqual(holds.map(() => 'told'));
        },
        { timeout: 20_000, interval: 100 },
      );
      const ids = receiver.heard.map(({ headers }) => headers['webhook-id']);
      expect(new Set(ids).size).toBe(4);
      expect(ids).toHaveLength(4);

      // Nobody answers, and whoever tries is taken for dead.
      receiver.answers.push(() => undefined);
      await hold(bench.ledger, clock.now());
      await receiver.hears(5);
      await vi.waitFor(
        async () => {
          await bench.tamper(`DELETE FROM replica WHERE id IN (SELECT by FROM told WHERE state = 'trying')`);
          clock.forward(15_000);
          expect(receiver.heard.length).toBeGreaterThan(5);
        },
        { timeout: 30_000, interval: 200 },
      );
      const [last, again] = receiver.heard.slice(4).map(({ headers }) => headers['webhook-id']);
      expect(again).toBe(last);
      await other.close();
    }, 90_000);
  },
);
