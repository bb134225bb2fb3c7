/** A ledger's file in the hands of one process alone, to be read table by table. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { LedgerFault } from '../../domain/ports.ts';
import type { SqlRow } from '../sql.ts';
import { faultSentence } from './faults.ts';
import { type Moved, readMoved, writeMoved } from './moved.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';

/** Tables of the file alone, and those of replicas: who runs on the file runs on nothing else. */
const OWN = new Set(['moved', 'replica', 'lease', 'relay']);
const BUSY = 5;

export class WholeLedger {
  readonly #db: DatabaseSync;
  readonly #file: string;

  /** Throws `LedgerFault` where it is no ledger of this version, or where any other process has it open. */
  constructor(file: string) {
    if (!existsSync(file)) throw new LedgerFault(`There is no ledger ${file}.`);
    this.#file = file;
    this.#db = new DatabaseSync(file, { timeout: 0 });
    try {
      const { application_id: application } = this.#db.prepare('PRAGMA application_id').get() ?? {};
      if (application !== APPLICATION_ID) throw new LedgerFault(`${file} is not a ledger of Tollgate.`);
      const { user_version: version } = this.#db.prepare('PRAGMA user_version').get() ?? {};
      if (version !== MIGRATIONS.length)
        throw new LedgerFault(
          `The ledger ${file} is of another version of Tollgate. Start and stop its gateway first.`,
        );
      // SQLite leaves this mode only for whoever has the file alone; from then on nobody else gets in.
      this.#db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; COMMIT');
    } catch (error) {
      this.#db.close();
      throw this.#faultOf(error);
    }
  }

  get moved(): Moved | undefined {
    return readMoved(this.#db);
  }

  /** On the disk when this returns. Throws `LedgerFault`. */
  mark(moved: Moved): void {
    try {
      writeMoved(this.#db, moved);
    } catch (error) {
      throw this.#faultOf(error);
    }
  }

  /** It is a ledger as before. */
  unmark(): void {
    this.#db.exec('DELETE FROM moved');
  }

  get instance(): string {
    return String(this.#db.prepare('SELECT instance FROM ledger').get()?.['instance']);
  }

  /** The tables that every home has. */
  get tables(): readonly string[] {
    const text = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`;
    return this.#db
      .prepare(text)
      .all()
      .map((row) => String(row['name']))
      .filter((name) => !OWN.has(name));
  }

  columns(table: string): readonly string[] {
    const rows = this.#db.prepare('SELECT name FROM pragma_table_info(?)').all(table);
    return rows.map((row) => String(row['name']));
  }

  /** All rows of a table, in the order in which they were written, or else of its key. */
  rows(table: string): Iterable<SqlRow> {
    const { wr } = this.#db.prepare('SELECT wr FROM pragma_table_list WHERE name = ?').get(table) ?? {};
    const keys = this.#db.prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk').all(table);
    const order = wr === 1 ? keys.map(({ name }) => String(name)).join(', ') : 'rowid';
    return this.#db.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).iterate();
  }

  close(): void {
    this.#db.close();
  }

  #faultOf(error: unknown): LedgerFault {
    const { errcode } = error as { errcode?: number };
    return new LedgerFault(
      errcode !== undefined && (errcode & 0xff) === BUSY
        ? `The ledger ${this.#file} is in use. Stop the gateway that runs on it, and whatever else has it open.`
        : faultSentence(this.#file, error),
    );
  }
}
