/** An empty database becomes a ledger that was another file's, in one transaction. */
import postgres, { type TransactionSql } from 'postgres';
import { LedgerFault } from '../../domain/ports.ts';
import { ChainCheck, type Head, type JournalRow } from '../chain.ts';
import type { SqlRow } from '../sql.ts';
import { nameOf, postgresOptions } from './connections.ts';
import { setFormat } from './database.ts';
import { faultSentence } from './faults.ts';
import { MIGRATIONS } from './schema.ts';

/** What is copied. */
export interface Source {
  readonly instance: string;
  readonly tables: readonly string[];
  columns(table: string): readonly string[];
  rows(table: string): Iterable<SqlRow>;
}

/** So many rows go in one statement. */
const BATCH = 500;

/** Whether the database is empty, is this very ledger already, or is something else. Rejects with `LedgerFault`. */
export const stateOf = (url: string, instance: string): Promise<'empty' | 'same' | 'other'> =>
  connected(url, async (sql) => {
    const [tables] = await sql`
      SELECT count(*)::int AS n, to_regclass('ledger') IS NOT NULL AND to_regclass('ledger_format') IS NOT NULL AS ours
      FROM pg_class WHERE relnamespace = current_schema()::text::regnamespace`;
    if (tables?.['n'] === 0) return 'empty';
    if (tables?.['ours'] !== true) return 'other';
    const [ledger] = await sql`SELECT instance FROM ledger`;
    return ledger?.['instance'] === instance ? 'same' : 'other';
  });

/**
 * Copies every row of every table, and verifies the chains before any of it counts. Rejects with `LedgerFault`; the database
 * is empty then.
 */
export const fill = (url: string, source: Source): Promise<void> =>
  connected(url, async (sql) => {
    await sql.begin(async (transaction) => {
      for (const migration of MIGRATIONS) await transaction.unsafe(migration);
      await setFormat(transaction);
      for (const table of source.tables) await copyTable(transaction, table, source);
      await transaction`SELECT setval('journal_entry', greatest((SELECT max(entry) FROM journal), 1))`;
      const problems = await brokenChains(transaction);
      if (problems.length > 0)
        throw new LedgerFault(`Nothing was moved: the chains are not whole: ${problems.join('; ')}.`);
    });
  });

async function connected<T>(url: string, use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { ...postgresOptions, max: 1 });
  try {
    return await use(sql);
  } catch (error) {
    throw new LedgerFault(faultSentence(nameOf(url), error));
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function copyTable(sql: TransactionSql, table: string, source: Source): Promise<void> {
  const columns = source.columns(table);
  let batch: SqlRow[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await insert(sql, table, columns, batch);
    batch = [];
  };
  for (const row of source.rows(table)) {
    batch.push(row);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  if (columns.includes('row'))
    await sql.unsafe(
      `SELECT setval(pg_get_serial_sequence('${table}', 'row'), greatest((SELECT max(row) FROM ${table}), 1))`,
    );
}

/** Numbers of rows come along: who orders by them finds the old order. */
async function insert(
  sql: TransactionSql,
  table: string,
  columns: readonly string[],
  rows: readonly SqlRow[],
): Promise<void> {
  const places = rows.map((_, at) => `(${columns.map((_name, of) => `$${at * columns.length + of + 1}`).join(', ')})`);
  const values = rows.flatMap((row) => columns.map((column) => row[column] as string | number | null | Uint8Array));
  await sql.unsafe(
    `INSERT INTO ${table} (${columns.join(', ')}) OVERRIDING SYSTEM VALUE VALUES ${places.join(', ')}`,
    values,
  );
}

async function brokenChains(sql: TransactionSql): Promise<readonly string[]> {
  const heads = await sql`
    SELECT 'gateway' AS id, head AS entry, hash, seq FROM ledger
    UNION ALL SELECT id, head AS entry, hash, seq FROM session`;
  const check = new ChainCheck(new Map(heads.map((head) => [String(head['id']), head as unknown as Head])));
  const entries = sql`SELECT * FROM journal ORDER BY entry`.cursor(BATCH);
  for await (const rows of entries) for (const row of rows) check.follow(row as unknown as JournalRow);
  const told = await sql`SELECT body FROM journal WHERE session = 'gateway' AND kind IN ('opened', 'state')`;
  return check.problems(told.map((row) => String(row['body'])));
}
