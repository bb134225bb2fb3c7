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
/** Rows that one INSERT carries: few sizes, so that each is prepared once. */
const INSERT_SIZES = [64, 16, 4, 1] as const;

interface Write {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export class Statements implements Sql {
  readonly toChange: '' | ' FOR UPDATE';
  readonly #connection: Connection;
  /** What no statement has read behind yet. */
  #unsent: Write[] = [];
  /** What is on its way and answers nothing. */
  readonly #sent: Promise<unknown>[] = [];
  #failure: unknown;
  #mayBeTrue = false;
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
    this.#sendWrites();
    return this.#query(text, values);
  }

  run(text: string, ...values: readonly SqlValue[]): void {
    this.#unsent.push({ text, values });
  }

  each(text: string, visit: (row: SqlRow) => void): Promise<void> {
    return this.#connection.each(text, PAGE, visit);
  }

  lock(key: string): void {
    if (this.toChange !== '') this.run('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', key);
  }

  share(key: string): void {
    this.run('SELECT pg_advisory_xact_lock_shared(hashtextextended(?, 0))', key);
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
    this.#entries = [...this.#entries, ...rows.map((row) => Number(row['entry']))];
  }

  /** Those of an earlier transaction that were not used, for a chain that has had no entry since. */
  useEntries(entries: readonly number[]): void {
    this.#entries = entries;
  }

  /** Reserved, and not used by now. */
  get entriesLeft(): readonly number[] {
    return this.#entries;
  }

  /** Whether what was asked for may have been committed. */
  get mayBeTrue(): boolean {
    return this.#mayBeTrue;
  }

  /**
   * Resolves when everything that was sent has been done and is true for everybody; `durable`: and is on the disk. What is
   * not may be lost with the database's machine, its end only, never its middle.
   */
  async commit({ durable }: { readonly durable: boolean }): Promise<void> {
    this.#sendWrites();
    if (!durable) this.#send('SET LOCAL synchronous_commit TO off');
    this.#mayBeTrue = true;
    this.#send('COMMIT');
    await Promise.all(this.#sent);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Whatever state the transaction is in. Answers why it failed, if a statement did. */
  async rollback(): Promise<unknown> {
    this.#unsent = [];
    this.#send('ROLLBACK');
    await Promise.allSettled(this.#sent);
    return this.#failure;
  }

  #sendWrites(): void {
    const writes = this.#unsent;
    this.#unsent = [];
    for (const { text, rows } of gathered(writes)) {
      if (rows.length > 1) this.#insertAll(text, rows);
      else for (const row of rows) this.#keep(this.#query(text, row));
    }
  }

  #insertAll(text: string, rows: readonly (readonly SqlValue[])[]): void {
    for (let from = 0; from < rows.length; ) {
      const size = INSERT_SIZES.find((one) => one <= rows.length - from) ?? 1;
      this.#keep(this.#query(repeated(text, size), rows.slice(from, from + size).flat()));
      from += size;
    }
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

interface Gathered {
  readonly text: string;
  readonly rows: (readonly SqlValue[])[];
}

/** Rows of one table go together, where nothing else is done to that table in between. */
function gathered(writes: readonly Write[]): readonly Gathered[] {
  const all: Gathered[] = [];
  const open = new Map<string, Gathered>();
  for (const { text, values } of writes) {
    const [, inserted, table = ''] = /^\s*(?:(INSERT INTO)|UPDATE|DELETE FROM|SELECT)\s+(\w+)/.exec(text) ?? [];
    const group = open.get(table);
    if (inserted !== undefined && group?.text === text && ROW.test(text)) {
      group.rows.push(values);
      continue;
    }
    const made = { text, rows: [values] };
    all.push(made);
    if (inserted === undefined) open.delete(table);
    else open.set(table, made);
  }
  return all;
}

/** An INSERT of one row and nothing more. */
const ROW = /^(.*?VALUES\s*)(\([^)]*\))\s*$/s;

const REPEATED = new Map<string, string>();

/** An INSERT of one row, for `count` rows. */
function repeated(text: string, count: number): string {
  const key = `${count} ${text}`;
  const known = REPEATED.get(key);
  if (known !== undefined) return known;
  const [, front = '', row = ''] = ROW.exec(text) ?? [];
  const made = front + Array.from({ length: count }, () => row).join(', ');
  REPEATED.set(key, made);
  return made;
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
