import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import { LedgerFault } from '../../src/domain/ports.ts';
import { ok } from '../../src/domain/result.ts';
import { moveLedger } from '../../src/store/move-ledger.ts';
import { openPostgres } from '../../src/store/postgres/postgres.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import {
  enter,
  granted,
  held,
  intentOf,
  KEY,
  MINUTE,
  placingOf,
  START,
  settlementOf,
  writeOf,
} from '../contract/ledger-bench.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { openSqliteBench, type SqliteBench } from './sqlite-bench.ts';

describe.skipIf(noPostgres !== undefined)(
  noPostgres === undefined ? 'a ledger moves from its file to a database:' : `(skipped: ${noPostgres})`,
  () => {
    let server: PostgresServer;
    let bench: SqliteBench;
    let url: string;
    beforeAll(async () => {
      server = await startPostgres();
    }, 60_000);
    afterAll(() => server?.stop());
    beforeEach(async () => {
      bench = await openSqliteBench();
      url = await server.database();
    });
    afterEach(() => bench.close());

    /** A session with a call that was granted, one in flight, a hold that is open, an event; and a stop. */
    async function busy() {
      const { ledger } = bench;
      const id = await enter(ledger);
      const used = await granted(ledger, writeOf(id));
      await ledger.commit(used);
      await ledger.settle(settlementOf(used, { recorded: '{"outcome":"ok","result":{"text":"ä 🐤"}}' }));
      const principalCaps = [{ kind: 'calls', most: 9, within: 60 * MINUTE }];
      const claims = { calls: 1, spend: 7 };
      const flying = writeOf(id, { canonical: '{"n":2}', claims, labels: ['private'], principalCaps });
      await ledger.commit(flying);
      for (const content of ['"first"', '"second"'])
        expect(await ledger.addEvent({ session: id, type: 'note', content, at: START })).toMatchObject({ ok: true });
      await ledger.stop({ kind: 'server', key: 'crm', by: 'grace', why: 'look first', at: START });
      const open = await held(ledger, placingOf(writeOf(id, { canonical: '{"n":3}' })));
      await enter(ledger, { ...KEY, folder: undefined, profile: 'other' });
      return { id, used, flying, open };
    }

    const rowsOf = async (read: (table: string) => Promise<readonly object[]>, tables: readonly string[]) =>
      Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await read(table)] as const)));

    const counted = async (): Promise<number> => {
      const sql = postgres(url, { max: 1 });
      const [row] = await sql`SELECT count(*)::int AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace`;
      await sql.end();
      return Number(row?.['n']);
    };

    it('whole, and goes on there', async () => {
      const { id, used, flying, open } = await busy();
      const { instance } = bench.ledger;
      const before = {
        snapshot: await bench.ledger.look(id, START),
        chains: await Promise.all([id, GATEWAY_CHAIN].map((chain) => bench.ledger.journal(chain))),
        order: (await bench.ledger.sessions(START)).map(({ session }) => session.id),
        events: await bench.ledger.events(id, 0),
        stops: await bench.ledger.stops(),
      };
      await bench.ledger.close();
      await moveLedger(bench.file, url);
      const moved = await openPostgres({ url, contentKey: bench.contentKey, role: 'owner' });
      expect(moved.instance).toBe(instance);
      expect(await moved.verify()).toEqual([]);
      expect(await moved.look(id, START)).toEqual(before.snapshot);
      expect(await Promise.all([id, GATEWAY_CHAIN].map((chain) => moved.journal(chain)))).toEqual(before.chains);
      expect((await moved.sessions(START)).map(({ session }) => session.id)).toEqual(before.order);
      expect(await moved.content(used.call, 'result')).toContain('ä 🐤');
      expect(await moved.hold(open.id, START)).toEqual(open);
      expect(await moved.events(id, 0)).toEqual(before.events);
      expect(await moved.addEvent({ session: id, type: 'note', content: '"third"', at: START })).toEqual(ok(3));
      expect(await moved.stops()).toEqual(before.stops);
      expect(await moved.stopsStanding('now')).toHaveLength(1);
      expect(await moved.stop({ kind: 'all', key: '', by: 'grace', why: 'x', at: START })).toMatchObject({ ok: true });
      expect(await moved.lift((await moved.stops())[0]?.id ?? '', 'grace', 'x', START)).toMatchObject({ ok: true });
      expect(await moved.commit({ ...flying, call: 'call_again' })).toMatchObject({ reason: 'repeated' });
      await moved.settle(settlementOf(flying));
      expect(await moved.commit(intentOf(id))).toMatchObject({ ok: true });
      await held(moved, placingOf(writeOf(id, { canonical: '{"n":4}' })));
      await enter(moved, { ...KEY, profile: 'third' });
      expect(await moved.verify()).toEqual([]);
      await moved.close();
    });

    it('with every row of every table, each column as it was', async () => {
      await busy();
      await bench.ledger.close();
      const db = new DatabaseSync(bench.file);
      const tables = db
        .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('moved', 'sqlite_sequence')`)
        .all()
        .map((row) => String(row['name']));
      const before = await rowsOf(async (table) => db.prepare(`SELECT * FROM ${table}`).all(), tables);
      const columns = (table: string) =>
        db
          .prepare('SELECT name FROM pragma_table_info(?)')
          .all(table)
          .map(({ name }) => name);
      const selects = new Map(tables.map((table) => [table, `SELECT ${columns(table).join(', ')} FROM ${table}`]));
      db.close();
      await moveLedger(bench.file, url);
      const sql = postgres(url, {
        max: 1,
        types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
      });
      const after = await rowsOf(async (table) => [...(await sql.unsafe(selects.get(table) ?? ''))], tables);
      await sql.end();
      const plain = (rows: unknown) =>
        JSON.parse(
          JSON.stringify(rows, (_, value) => (value?.type === 'Buffer' ? Object.assign({}, value.data) : value)),
        );
      expect(plain(after)).toEqual(plain(before));
      expect(Object.values(before).flat().length).toBeGreaterThan(20);
    });

    it('and the file says where it went, to whoever opens it', async () => {
      await busy();
      await bench.ledger.close();
      await moveLedger(bench.file, url);
      const place = new URL(url).host;
      for (const role of ['owner', 'visitor'] as const) {
        const opening = openSqlite({ file: bench.file, contentKey: bench.contentKey, role });
        await expect(opening).rejects.toThrow(`was moved to postgres://${place}`);
      }
      await expect(moveLedger(bench.file, await server.database())).rejects.toThrow('already');
    });

    it('not while anybody has it open', async () => {
      await busy();
      await expect(moveLedger(bench.file, url)).rejects.toThrow('is in use. Stop the gateway');
      const db = new DatabaseSync(bench.file);
      await bench.ledger.close();
      db.prepare('SELECT count(*) FROM session').get();
      await expect(moveLedger(bench.file, url)).rejects.toThrow('is in use');
      db.close();
      expect(await counted()).toBe(0);
      expect((await bench.reopen()).instance).toBe(bench.ledger.instance);
    });

    it('not into a database that has anything, nor from a file that is no ledger', async () => {
      await busy();
      await bench.ledger.close();
      const full = await server.database();
      const sql = postgres(full, { max: 1 });
      await sql`CREATE TABLE anything (x int)`;
      await sql.end();
      await expect(moveLedger(bench.file, full)).rejects.toThrow('is not empty');
      const other = await server.database();
      await (await openPostgres({ url: other, contentKey: bench.contentKey, role: 'owner' })).close();
      await expect(moveLedger(bench.file, other)).rejects.toThrow('is not empty');
      await expect(moveLedger(join(bench.file, '..', 'none.db'), url)).rejects.toThrow('There is no ledger');
      await expect(moveLedger(bench.file, url.replace(/\/t\w+$/, '/absent'))).rejects.toThrow('does not exist');
      const reopened = await openSqlite({ file: bench.file, contentKey: bench.contentKey, role: 'owner' });
      await reopened.close();
    });

    it('not where a chain is broken: then nothing is moved and the file goes on', async () => {
      const { id } = await busy();
      await bench.tamper(`UPDATE journal SET body = '{}' WHERE session = '${id}' AND seq = 2`);
      await bench.ledger.close();
      await expect(moveLedger(bench.file, url)).rejects.toThrow(`the chains are not whole: ${id}: entry 2`);
      expect(await counted()).toBe(0);
      await bench.reopen();
    });

    it.each([
      ['before the database had it', async () => undefined],
      [
        'after the database had it',
        async () => {
          await moveLedger(bench.file, url);
        },
      ],
    ])('a move that was killed %s is no ledger until the same command has finished it', async (_, first) => {
      await busy();
      await bench.ledger.close();
      await first();
      const place = `postgres://${new URL(url).host}${new URL(url).pathname}`;
      await bench.tamper(`DELETE FROM moved; INSERT INTO moved VALUES (1, '${place}', 0)`);
      const open = () => openSqlite({ file: bench.file, contentKey: bench.contentKey, role: 'owner' });
      await expect(open()).rejects.toThrow('when that was interrupted. Run the same tollgate ledger move again');
      await expect(moveLedger(bench.file, await server.database())).rejects.toThrow('Finish that first');
      await moveLedger(bench.file, url);
      await expect(open()).rejects.toThrow(LedgerFault);
      const moved = await openPostgres({ url, contentKey: bench.contentKey, role: 'owner' });
      expect(await moved.verify()).toEqual([]);
      await moved.close();
    });
  },
);
