/** How much is kept of an owner: the sum over its sessions, counted on in memory from the first time it was asked for. */
import type { SessionRow } from '../session-row.ts';
import type { Sql } from '../sql.ts';

/** More owners than this are forgotten together. */
const MOST_OWNERS = 2_000;

export class KeptRows {
  readonly #sql: Sql;
  /** Bytes by owner, as the database will have them; of those that were asked about. */
  readonly #known = new Map<string, number>();
  /** What this transaction added so far, and the database does not have yet. */
  readonly #added = new Map<string, number>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Of a session whose chain moves, so that its row is written. */
  count(row: Pick<SessionRow, 'ownerKey' | 'contentBytes'>, bytes: number): void {
    const { ownerKey: owner } = row;
    row.contentBytes += bytes;
    const known = this.#known.get(owner);
    if (known !== undefined) this.#known.set(owner, known + bytes);
    this.#added.set(owner, (this.#added.get(owner) ?? 0) + bytes);
  }

  /** Bytes of sealed contents of all sessions of an owner. */
  async of(owner: string): Promise<number> {
    const known = this.#known.get(owner);
    if (known !== undefined) return known;
    const stored = await this.#sql.one('SELECT sum(content_bytes) AS bytes FROM session WHERE owner = ?', owner);
    const kept = Number(stored?.['bytes'] ?? 0) + (this.#added.get(owner) ?? 0);
    this.#known.set(owner, kept);
    return kept;
  }

  /** What was added has been written. */
  written(): void {
    this.#added.clear();
  }

  /** After a rollback or a foreign write: memory may not be what the database says. */
  forget(): void {
    this.#known.clear();
    this.#added.clear();
  }

  /** Keeps memory bounded. Between transactions only. */
  trim(): void {
    if (this.#known.size > MOST_OWNERS) this.#known.clear();
  }
}
