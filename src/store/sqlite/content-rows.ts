/** The table of contents: sealed texts beside their journal entries. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Content, ContentRows } from '../rows.ts';

export class SqliteContentRows implements ContentRows {
  readonly #insert: StatementSync;
  readonly #select: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare('INSERT INTO content (entry, sealed, reason) VALUES (?, ?, ?)');
    this.#select = db.prepare('SELECT sealed, reason FROM content WHERE entry = ?');
  }

  insert(entry: number, { sealed, reason }: Content): void {
    this.#insert.run(entry, sealed, reason);
  }

  find(entry: number): Content | undefined {
    return this.#select.get(entry) as Content | undefined;
  }
}
