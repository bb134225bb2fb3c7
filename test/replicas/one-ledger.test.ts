/** Gateways on one database keep one ledger: sessions, holds, states, budgets, and what is refused without it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { atTerminal } from '../stories/support/person.ts';
import { until } from '../support/downstream.ts';
import type { RunningGateway } from '../support/gateway.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';
import { callAt, enrolIn, type Replicas, replicasOn } from '../support/replicas.ts';

const SLOW = { timeout: 180_000 };
const rough = (folder: string) => recordingServer(folder);
const policyOf = (folder: string): string => `
version: 1
profile: test
who: local
servers: { rough: ${rough(folder).yaml} }
tools:
  rough.rough: { effect: irreversible, approval: { reason: It cannot be undone. } }
  rough.other: { effect: write }
budgets: { session: { calls: 30 } }
`;

const echo = (n: number) => ({ do: 'echo', n });

describe.skipIf(noPostgres !== undefined)('on one database', () => {
  let server: PostgresServer;
  let replicas: Replicas;
  let [a, b, c]: RunningGateway[] = [];
  const gateways = (): readonly [RunningGateway, RunningGateway, RunningGateway] => {
    if (a === undefined || b === undefined || c === undefined) throw new Error('they are started before each test');
    return [a, b, c];
  };
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    replicas = await replicasOn(await server.database(), policyOf);
    await enrolIn(replicas, process.env['USER'] ?? 'root');
    [a, b, c] = await replicas.startThree();
  }, 60_000);
  afterEach(() => replicas.close());
  const made = (): number => rough(replicas.folder).calls().length;

  test('a session is one and the same everywhere, and its budget is spent once', SLOW, async () => {
    const calls = Array.from({ length: 45 }, (_, n) =>
      callAt(gateways()[n % 3] as RunningGateway, 'rough__other', echo(n)),
    );
    const said = (await Promise.all(calls)).map(textOf);
    expect(made()).toBe(30);
    expect(said.filter((text) => text.startsWith('STOPPED'))).toHaveLength(15);
    expect(await replicas.sql('SELECT id FROM session')).toHaveLength(1);
    expect(await (await replicas.visit()).verify()).toEqual([]);
  });

  test('a call held at one is approved at the command line of another and run at a third, once', SLOW, async () => {
    const [first, second, third] = gateways();
    const given = echo(1);
    const lost = expect(callAt(first, 'rough__rough', given)).rejects.toThrow();
    await until(async () => (await replicas.sql('SELECT id FROM hold')).length === 1);
    const [hold] = await replicas.sql<{ id: string }>('SELECT id FROM hold');
    await first.kill();
    await lost;
    const env = Object.fromEntries(Object.entries(second.environment).map(([name, value]) => [name, value ?? '']));
    const typing = [['Passphrase to approve: ', 'correct horse']] as const;
    const sat = await atTerminal({ env }, ['approve', String(hold?.id)], typing);
    expect(sat.screen).toContain('Approved.');
    expect(textOf(await callAt(third, 'rough__rough', given))).toContain('ok');
    expect(made()).toBe(1);
    expect(await replicas.sql("SELECT id FROM hold WHERE state = 'used'")).toHaveLength(1);
  });

  test('a pause at one acts on the next call at another', SLOW, async () => {
    const [first, second] = gateways();
    await callAt(second, 'rough__other', echo(1));
    const [session] = await replicas.sql<{ id: string }>('SELECT id FROM session');
    await first.command('session', 'pause', String(session?.id), '--because', 'lunch');
    expect(textOf(await callAt(second, 'rough__other', echo(2)))).toContain('paused');
    expect(made()).toBe(1);
  });

  test('who lost all connections goes on, and repeats nothing', SLOW, async () => {
    const [first, second] = gateways();
    await callAt(first, 'rough__other', echo(0));
    for (let n = 1; n <= 5; n++) {
      const gateway = n % 2 === 0 ? first : second;
      const answer = callAt(gateway, 'rough__other', echo(n));
      await server.disconnect();
      await answer;
    }
    await until(async () => (await replicas.sql('SELECT id FROM call WHERE outcome IS NULL')).length === 0);
    const again = await callAt(second, 'rough__other', echo(6));
    expect(textOf(again)).toContain('ok');
    const given = rough(replicas.folder)
      .calls()
      .map(({ n }) => n);
    expect(new Set(given).size).toBe(given.length);
  });

  test(
    'without the database every call is refused, with a sentence for the operator; with it they work again',
    SLOW,
    async () => {
      const [first] = gateways();
      await callAt(first, 'rough__other', echo(1));
      await server.down();
      for (const gateway of gateways()) {
        const refused = await callAt(gateway, 'rough__other', echo(2));
        expect(refused.last.error).toMatchObject({ message: 'Tollgate cannot work now, so nothing is let through' });
        expect(gateway.reports.join('\n')).toMatch(
          /The ledger postgres:\/\/\S+ (cannot be reached|closed the connection)/,
        );
      }
      expect(made()).toBe(1);
      await server.up();
      await until(async () => textOf(await callAt(first, 'rough__other', echo(3))).includes('ok'));
      expect(made()).toBe(2);
    },
  );

  test('a gateway with keys of its own is not let in', SLOW, async () => {
    writeFileSync(join(replicas.folder, 'master/home/keys/seal'), Buffer.alloc(32, 7));
    await expect(replicas.start()).rejects.toThrow(/another seal key. Give every replica the same folder of keys/);
  });
});
