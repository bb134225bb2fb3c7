/**
 * One hold on three replicas: 50 people approve it and 50 callers redeem it, all at once. `TOLLGATE_RACES` says how often; once by
 * default.
 */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { until } from '../support/downstream.ts';
import type { RunningGateway } from '../support/gateway.ts';
import type { Person } from '../support/person.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { textOf } from '../support/posts.ts';
import { callAt, enrolIn, type Replicas, replicasOn } from '../support/replicas.ts';
import { type Counter, serveCounter } from './support/counter.ts';

const RACES = Number(process.env['TOLLGATE_RACES'] ?? 1);
const PEOPLE = 50;
const CALLERS = 50;
const LONG = 300_000;

const policyOf = (counter: string): string => `version: 1
profile: race
who: local
servers: { counter: { url: ${counter} } }
tools: { counter.add: { effect: irreversible, approval: {} } }
`;

const about = noPostgres === undefined ? 'on PostgreSQL, with three replicas,' : `(skipped: ${noPostgres})`;
describe.skipIf(noPostgres !== undefined)(about, () => {
  let server: PostgresServer;
  let counter: Counter;
  let replicas: Replicas;
  let people: readonly Person[] = [];
  let gateways: readonly RunningGateway[] = [];
  let visitors: readonly Ledger[] = [];

  beforeAll(async () => {
    [server, counter] = await Promise.all([startPostgres(), serveCounter()]);
    replicas = await replicasOn(await server.database(), () => policyOf(counter.url));
    const first = await enrolIn(replicas, 'person-0');
    const others = Array.from({ length: PEOPLE - 1 }, (_, n) => enrolIn(replicas, `person-${n + 1}`));
    people = [first, ...(await Promise.all(others))];
    gateways = await replicas.startThree();
    visitors = await Promise.all([replicas.visit(), replicas.visit(), replicas.visit()]);
  }, LONG);
  afterAll(async () => {
    await Promise.all(visitors.map((visitor) => visitor.close()));
    await replicas.close();
    await Promise.all([counter.close(), server.stop()]);
  });

  const ask = async (n: number, key: string): Promise<string> =>
    textOf(await callAt(gateways[n % 3] as RunningGateway, 'counter__add', { key }));

  async function openHold(key: string): Promise<Hold> {
    let found: Hold | undefined;
    await until(async () => {
      const holds = await (visitors[0] as Ledger).holds({ open: true }, Date.now());
      found = holds.find(({ effective }) => effective['key'] === key);
      return found !== undefined;
    });
    return found as Hold;
  }

  test.each(Array.from({ length: RACES }, (_, index) => index + 1))(
    'one approval counts, one call is made, and everyone gets its result (race %d)',
    { timeout: LONG },
    async (race) => {
      const key = `race ${race}`;
      // Half of them wait already, the others come while people answer.
      const early = Array.from({ length: CALLERS / 2 }, (_, n) => ask(n, key));
      onTestFinished(() => void Promise.allSettled(early));
      const hold = await openHold(key);
      const answers = people.map((person, n) => {
        const visitor = visitors[n % 3] as Ledger;
        return visitor.decide(hold.id, person.sign(visitor, hold, 'approve'));
      });
      const late = Array.from({ length: CALLERS / 2 }, (_, n) => ask(n, key));
      const decided = await Promise.all(answers);
      const told = await Promise.all([...early, ...late]);

      expect(decided.filter(({ ok }) => ok)).toHaveLength(1);
      expect(told.filter((text) => !text.includes(key))).toEqual([]);
      expect(told.filter((text) => !text.startsWith('RECORDED: '))).toEqual([key]);
      expect(counter.counts.get(key)).toBe(1);
      const used = await replicas.sql<{ state: string }>(`SELECT state FROM hold WHERE id = '${hold.id}'`);
      expect(used).toEqual([{ state: 'used' }]);
      expect(await (visitors[0] as Ledger).verify()).toEqual([]);
    },
  );
});
