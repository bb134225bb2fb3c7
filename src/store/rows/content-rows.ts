/** The table of contents: sealed texts beside their journal entries. */
import type { Awaitable, Sql } from '../sql.ts';

export interface Content {
  readonly sealed: Uint8Array;
  readonly reason: Uint8Array | null;
}

export class ContentRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(entry: number, { sealed, reason }: Content): Awaitable<void> {
    return this.#sql.run('INSERT INTO content (entry, sealed, reason) VALUES (?, ?, ?)', entry, sealed, reason);
  }

  async find(entry: number): Promise<Content | undefined> {
    const row = await this.#sql.one('SELECT sealed, reason FROM content WHERE entry = ?', entry);
    return row as Content | undefined;
  }
}
