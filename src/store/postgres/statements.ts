/**
 * PostgreSQL's end of `Sql`: one transaction on one connection. Statements are sent as they come, without waiting for the
 * answers to those before them, so that what does not depend on each other costs one round trip.
 */
import type { Sql, SqlRow, SqlValue } from '../sql.ts';
import type { Connection } from './connections.ts';

/** Milliseconds since the epoch, by the clock of the database at this very moment. */
export const DATABASE_TIME = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** So many rows of a long answer at a time. */
const PAGE = 1_000;

export class Statements implements Sql {
  readonly toChange: '' | ' FOR UPDATE';
  readonly #connection: Connection;
  /** What is on its way and answers nothing. */
  readonly #sent: Promise<unknown>[] = [];
  #failure: unknown;
  #entries: readonly number[] = [];

  /** Begins the transaction. */
  constructor(connection: Connection, { reading }: { readonly reading: boolean }) {
    this.#connection = connection;
    this.toChange = reading ? '' : ' FOR UPDATE';
    this.#send(reading ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN');
  }

  async one(text: string, ...values: readonly SqlValue[]): Promise<SqlRow | undefined> {
    return (await this.all(text, ...values))[0];
  }

  all(text: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#query(text, values);
  }

  run(text: string, ...values: readonly SqlValue[]): void {
    this.#keep(this.#query(text, values));
  }

  each(text: string, visit: (row: SqlRow) => void): Promise<void> {
    return this.#connection.each(text, PAGE, visit);
  }

  lock(key: string): void {
    if (this.toChange !== '') this.run('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', key);
  }

  async clock(): Promise<number> {
    return Number((await this.one(`SELECT ${DATABASE_TIME} AS now`))?.['now']);
  }

  async nextEntry(): Promise<number> {
    const [next, ...rest] = this.#entries;
    this.#entries = rest;
    if (next !== undefined) return next;
    return Number((await this.one(`SELECT nextval('journal_entry') AS entry`))?.['entry']);
  }

  /** Numbers for so many entries of a chain whose head has been asked for to be changed: later ones come after them. */
  async reserveEntries(count: number): Promise<void> {
    const rows = await this.all(`SELECT nextval('journal_entry') AS entry FROM generate_series(1, ?::int)`, count);
    this.#entries = rows.map((row) => Number(row['entry']));
  }

  /** Resolves when everything that was sent has been done and is durable. */
  async commit(): Promise<void> {
    this.#send('COMMIT');
    await Promise.all(this.#sent);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Whatever state the transaction is in. Answers why it failed, if a statement did. */
  async rollback(): Promise<unknown> {
    this.#send('ROLLBACK');
    await Promise.allSettled(this.#sent);
    return this.#failure;
  }

  #query(text: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    const answered = this.#connection.send(numbered(text), values);
    answered.catch((error: unknown) => {
      this.#failure ??= error;
    });
    return answered;
  }

  #send(command: string): void {
    this.#keep(this.#connection.send(command));
  }

  #keep(sent: Promise<unknown>): void {
    sent.catch((error: unknown) => {
      this.#failure ??= error;
    });
    this.#sent.push(sent);
  }
}

const NUMBERED = new Map<string, string>();

/** With `$1`, `$2` for each `?`. The texts are this program's own and few. */
function numbered(text: string): string {
  const known = NUMBERED.get(text);
  if (known !== undefined) return known;
  let count = 0;
  const made = text.replace(/\?/g, () => `$${++count}`);
  NUMBERED.set(text, made);
  return made;
}
