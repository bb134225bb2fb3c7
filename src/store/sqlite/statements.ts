/** SQLite's end of `Sql`: each text is prepared once, and answered at once. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Sql, SqlRow, SqlValue } from '../sql.ts';

export class Statements implements Sql {
  /** Nobody else writes while a batch runs: the whole file is locked. */
  readonly toChange = '';
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  #lastEntry: number | undefined;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  one(text: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return this.#prepare(text).get(...values);
  }

  all(text: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
    return this.#prepare(text).all(...values);
  }

  run(text: string, ...values: readonly SqlValue[]): void {
    this.#prepare(text).run(...values);
  }

  each(text: string, visit: (row: SqlRow) => void): void {
    for (const row of this.#prepare(text).iterate()) visit(row);
  }

  lock(): void {
    // The whole file is.
  }

  share(): void {
    // Nobody else writes.
  }

  clock(): number {
    return Date.now();
  }

  nextEntry(): number {
    this.#lastEntry ??= Number(this.one('SELECT coalesce(max(entry), 0) AS last FROM journal')?.['last']);
    this.#lastEntry += 1;
    return this.#lastEntry;
  }

  /** After a rollback or a foreign write: the next number may be another. */
  forget(): void {
    this.#lastEntry = undefined;
  }

  #prepare(text: string): StatementSync {
    const prepared = this.#prepared.get(text) ?? this.#db.prepare(text);
    this.#prepared.set(text, prepared);
    return prepared;
  }
}
