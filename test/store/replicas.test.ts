/** Two gateways' handles on one database: who is taken for dead, what becomes of its calls and leases, and their letters. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ledger, LedgerFault } from '../../src/domain/ports.ts';
import type { Replicas } from '../../src/domain/replicas.ts';
import { Connections } from '../../src/store/postgres/connections.ts';
import { openPostgres } from '../../src/store/postgres/postgres.ts';
import { Presence } from '../../src/store/postgres/presence.ts';
import { enter, KEY, START, settlementOf, writeOf } from '../contract/ledger-bench.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { openPostgresBench, type PostgresBench } from './postgres-bench.ts';

describe.skipIf(noPostgres !== undefined)('replicas on one database', () => {
  let server: PostgresServer;
  let bench: PostgresBench;
  let other: Ledger;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    bench = await openPostgresBench(server);
    other = await openPostgres({ url: bench.url, contentKey: bench.contentKey, role: 'owner' });
  });
  afterEach(async () => {
    await other.close();
    await bench.close();
  });

  const idOf = (ledger: Ledger): string => ledger.standing().replica;
  const replicasOf = ({ replicas }: Ledger): Replicas => {
    if (replicas === undefined) throw new Error('on PostgreSQL there may be others');
    return replicas;
  };
  /** Its time is over, and it did not renew itself. */
  const lapse = (ledger: Ledger): Promise<void> =>
    bench.tamper(`UPDATE replica SET until = 0 WHERE id = '${idOf(ledger)}'`);
  const callOf = (ledger: Ledger, session: string, more = {}) =>
    writeOf(session, { replica: idOf(ledger), digest: `sha256:${Math.random()}`, ...more });

  test('a call of a living replica is not recovered, neither its own nor another’s', async () => {
    const session = await enter(bench.ledger);
    await bench.ledger.commit(callOf(bench.ledger, session));
    await other.commit(callOf(other, session));
    expect(await bench.ledger.recover(START)).toBe(0);
    expect(await other.recover(START)).toBe(0);
  });

  test('a call of a replica whose time has passed is unknown, and an outcome that comes later is ignored', async () => {
    const session = await enter(bench.ledger);
    const [dead, alive] = [callOf(other, session), callOf(bench.ledger, session)];
    await other.commit(dead);
    await bench.ledger.commit(alive);
    await lapse(other);
    expect(await bench.ledger.recover(START + 1)).toBe(1);
    await other.settle(settlementOf(dead, { recorded: '{"outcome":"ok","result":{}}' }));
    expect(await bench.ledger.recorded(dead.call)).toMatchObject({ outcome: { outcome: 'unknown' } });
    await bench.ledger.settle(settlementOf(alive));
    expect((await bench.ledger.look(session, START))?.used['calls']).toBe(2);
    expect(await bench.ledger.verify()).toEqual([]);
  });

  test('many replicas recover the same dead one at once: each call is settled once', async () => {
    const session = await enter(bench.ledger);
    for (let n = 0; n < 5; n++) await other.commit(callOf(other, session));
    await lapse(other);
    const third = await openPostgres({ url: bench.url, contentKey: bench.contentKey, role: 'owner' });
    const counts = await Promise.all([bench.ledger, third].map((ledger) => ledger.recover(START + 1_000)));
    expect(counts.toSorted()).toEqual([0, 5]);
    expect((await third.journal(session)).filter(({ kind }) => kind === 'outcome')).toHaveLength(5);
    expect((await third.look(session, START + 60_000))?.used['runtime']).toBe(1_000);
    await third.close();
  });

  test('an outcome that comes while its call is recovered: one of the two stands, and only one is written', async () => {
    const session = await enter(bench.ledger);
    const calls = Array.from({ length: 40 }, () => callOf(other, session));
    await Promise.all(calls.map((call) => other.commit(call)));
    await lapse(other);
    const settled = calls.map((call) => other.settle(settlementOf(call)));
    await Promise.all([...settled, bench.ledger.recover(START + 1_000)]);
    const outcomes = (await other.journal(session)).filter(({ kind }) => kind === 'outcome').map(({ call }) => call);
    expect(outcomes).toHaveLength(40);
    expect(new Set(outcomes).size).toBe(40);
  });

  test('a gateway that ends is taken for dead at once', async () => {
    const session = await enter(bench.ledger);
    await other.commit(callOf(other, session));
    await other.close();
    expect(await bench.ledger.recover(START)).toBe(1);
  });

  test('a lease is one replica’s, whoever asks and how often, until it gives it back', async () => {
    const session = await enter(bench.ledger);
    const [one, two] = [replicasOf(bench.ledger), replicasOf(other)];
    const racing = await Promise.all([one, two, one, two].map((each) => each.lease(session, 'files')));
    expect(new Set(racing).size).toBe(1);
    const [holder, loser] = racing[0] === idOf(bench.ledger) ? [one, two] : [two, one];
    await loser.release(session, 'files');
    expect(await loser.lease(session, 'files')).toBe(racing[0]);
    expect(await loser.lease(session, 'mail')).not.toBe(racing[0]);
    await holder.release(session, 'files');
    expect(await loser.lease(session, 'files')).not.toBe(racing[0]);
  });

  test('a lease of a dead replica is free, and the dead one does not come back under its name', async () => {
    const session = await enter(bench.ledger);
    const before = idOf(other);
    await replicasOf(other).lease(session, 'files');
    await lapse(other);
    expect(await replicasOf(bench.ledger).lease(session, 'files')).toBe(idOf(bench.ledger));
    expect([...(await replicasOf(other).living())]).toEqual([idOf(bench.ledger)]);
    expect(before).toBe(idOf(other));
  });

  test('leases of sessions that are over are told, and no others', async () => {
    const [over, live] = [await enter(bench.ledger), await enter(bench.ledger, { ...KEY, profile: 'x' })];
    const replicas = replicasOf(bench.ledger);
    for (const session of [over, live]) await replicas.lease(session, 'files');
    await bench.ledger.change(over, 'complete', 'ada', 'done', START);
    expect(await replicas.leasedButOver()).toEqual([{ session: over, server: 'files' }]);
    expect(await replicasOf(other).leasedButOver()).toEqual([]);
  });

  test('letters arrive in order, once, at their recipient alone, and wake it', async () => {
    const [one, two] = [replicasOf(bench.ledger), replicasOf(other)];
    const woken = two.written(new AbortController().signal);
    await Promise.all(['a', 'b', 'c'].map((text) => one.post(idOf(other), text)));
    await woken;
    expect(await one.letters()).toEqual([]);
    const letters = await two.letters();
    expect(letters).toEqual(['a', 'b', 'c'].map((text) => ({ from: idOf(bench.ledger), text, isFromLiving: true })));
    expect(await two.letters()).toEqual([]);
  });

  test('a letter is sealed, and bound to who wrote to whom', async () => {
    await replicasOf(bench.ledger).post(idOf(other), 'a secret');
    await bench.tamper(
      `DO $$ BEGIN IF (SELECT count(*) FROM relay WHERE position('secret'::bytea IN sealed) > 0) > 0 THEN RAISE 'readable'; END IF; END $$`,
    );
    await bench.tamper(`UPDATE relay SET sender = recipient`);
    await expect(replicasOf(other).letters()).rejects.toThrow();
  });

  test('a call under way names its replica while that lives', async () => {
    const session = await enter(bench.ledger);
    const call = callOf(other, session);
    await other.commit(call);
    const { replica, target, digest } = call;
    expect(await replicasOf(bench.ledger).underWay(call.call)).toMatchObject({ replica, session, target, digest });
    await lapse(other);
    await bench.ledger.recover(START);
    expect(await replicasOf(bench.ledger).underWay(call.call)).toBeUndefined();
  });

  test('replicas agree on the time, whatever their own clocks say', async () => {
    expect(Math.abs(replicasOf(bench.ledger).now() - replicasOf(other).now())).toBeLessThan(1_000);
  });

  describe('presence', () => {
    const opened = async (clocks: { ticks: number; wall: number }) => {
      const connections = new Connections(bench.url, 1);
      return Presence.open(connections, 'owner', { ticks: () => clocks.ticks, wall: () => clocks.wall });
    };

    test.each(['ticks', 'wall'] as const)('stands no longer than it may rely on its row, by its %s', async (clock) => {
      const clocks = { ticks: 0, wall: 0 };
      const presence = await opened(clocks);
      const standing = presence.standing();
      clocks[clock] = 11_999;
      expect(standing.holds()).toBe(true);
      clocks[clock] = 12_000;
      expect(standing.holds()).toBe(false);
      await presence.renew();
      expect(standing.holds()).toBe(true);
      expect(presence.standing()).toBe(standing);
      await presence.close();
    });

    test('who was given up meanwhile goes on as another, and what it was never stands again', async () => {
      const clocks = { ticks: 0, wall: 0 };
      const presence = await opened(clocks);
      const before = presence.standing();
      await bench.tamper(`UPDATE replica SET until = 0 WHERE id = '${before.replica}'`);
      await bench.ledger.recover(START);
      await presence.renew();
      expect(before.holds()).toBe(false);
      expect(presence.standing().replica).not.toBe(before.replica);
      expect(presence.standing().holds()).toBe(true);
      await presence.close();
    });

    test('who was late, and not given up, stands again', async () => {
      const presence = await opened({ ticks: 0, wall: 0 });
      const before = presence.standing();
      await bench.tamper(`UPDATE replica SET until = 0 WHERE id = '${before.replica}'`);
      await presence.renew();
      await bench.ledger.recover(START);
      expect(presence.standing()).toBe(before);
      expect(await replicasOf(bench.ledger).living()).toContain(before.replica);
      await presence.close();
    });
  });

  test('one whose seal key is another is not let in; a visitor brings none', async () => {
    const open = (sealKey?: Uint8Array) =>
      openPostgres({ url: bench.url, contentKey: bench.contentKey, role: 'owner', ...(sealKey && { sealKey }) });
    await (await open(Buffer.alloc(32, 1))).close();
    await (await open(Buffer.alloc(32, 1))).close();
    await (await open()).close();
    await expect(open(Buffer.alloc(32, 2))).rejects.toThrow(LedgerFault);
  });
});
