import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connection } from '../../src/store/postgres/connections.ts';
import { Statements } from '../../src/store/postgres/statements.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';

const about = noPostgres === undefined ? 'one transaction on PostgreSQL' : `(skipped: ${noPostgres})`;
describe.skipIf(noPostgres !== undefined)(about, () => {
  let server: PostgresServer | undefined;
  let sql: postgres.Sql | undefined;
  let url = '';
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.database();
    sql = postgres(url, { onnotice: () => undefined });
    await sql`CREATE TABLE lease (key TEXT PRIMARY KEY, owner TEXT NOT NULL)`;
    await sql`CREATE TABLE entry (at BIGINT)`;
  }, 60_000);
  afterAll(async () => {
    await sql?.end();
    await server?.stop();
  });

  const INSERT = 'INSERT INTO lease (key, owner) VALUES (?, ?)';

  async function within(work: (statements: Statements) => Promise<void> | void): Promise<void> {
    const connection = await Connection.open(url);
    const statements = new Statements(connection, { reading: false });
    try {
      await work(statements);
      await statements.commit({ durable: true });
    } catch (error) {
      throw (await statements.rollback()) ?? error;
    } finally {
      await connection.end();
    }
  }

  it('rows that go together do not pass what is done to their table in between', async () => {
    await within((statements) => {
      statements.run(INSERT, 'a', 'first');
      statements.run('INSERT INTO entry (at) VALUES (?)', 1);
      statements.run(INSERT, 'b', 'first');
      statements.run('DELETE FROM lease WHERE owner = ?', 'first');
      statements.run(INSERT, 'a', 'second');
      statements.run('INSERT INTO entry (at) VALUES (?)', 2);
      statements.run('UPDATE lease SET owner = ? WHERE key = ?', 'third', 'a');
      statements.run(INSERT, 'c', 'second');
    });
    expect(await sql?.unsafe('SELECT * FROM lease ORDER BY key')).toEqual([
      { key: 'a', owner: 'third' },
      { key: 'c', owner: 'second' },
    ]);
    expect(await sql?.unsafe('SELECT at FROM entry ORDER BY at')).toHaveLength(2);
  });

  it('a read sees all that was written before it, however many rows that were', async () => {
    await within(async (statements) => {
      for (let at = 100; at < 200; at++) statements.run('INSERT INTO entry (at) VALUES (?)', at);
      const counted = await statements.one('SELECT count(*) AS n FROM entry WHERE at >= ?', 100);
      expect(Number(counted?.['n'])).toBe(100);
    });
  });

  it('rows that say what to do where they are there already go one by one', async () => {
    const add = `${INSERT} ON CONFLICT (key) DO UPDATE SET owner = lease.owner || excluded.owner`;
    await within((statements) => {
      for (const owner of ['1', '2', '3']) statements.run(add, 'f', owner);
    });
    expect(await sql?.unsafe(`SELECT owner FROM lease WHERE key = 'f'`)).toEqual([{ owner: '123' }]);
  });

  it('a write that fails fails the transaction, with its own error, and leaves nothing', async () => {
    const failing = within((statements) => {
      statements.run(INSERT, 'd', 'first');
      statements.run('UPDATE lease SET owner = NULL WHERE key = ?', 'd');
      statements.run(INSERT, 'e', 'first');
    });
    await expect(failing).rejects.toThrow('violates not-null constraint');
    expect(await sql?.unsafe(`SELECT * FROM lease WHERE key IN ('d', 'e')`)).toEqual([]);
  });
});
