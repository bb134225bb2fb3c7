/** Which sessions may leave the ledger, by how they ended and by what follows them. */
import type { Sql } from '../sql.ts';

/** It may make calls. */
const IS_LIVE = `other.state IN ('created', 'running', 'paused')`;
/** It expired, and an agent that comes back goes on where it ended. */
const IS_UNFOLLOWED = `(other.named = 0 AND other.ended = 'expired' AND other.successor IS NULL)`;

export class LeavingRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Whether a session of this lineage may make calls: its agent sees what those before it did. */
  isLive(lineage: string): Promise<boolean> {
    return this.#has(lineage, IS_LIVE);
  }

  /** Whether one may make calls, or may yet be followed by one that does. */
  goesOn(lineage: string): Promise<boolean> {
    return this.#has(lineage, `(${IS_LIVE} OR ${IS_UNFOLLOWED})`);
  }

  /** Those with their contents that ended by this time and that nothing at `at` stands in the way of. The oldest first. */
  toArchive(by: number, at: number): Promise<readonly string[]> {
    return this.#ids(
      `state IN ('completed', 'expired') AND in_flight = 0
       AND NOT EXISTS (SELECT 1 FROM call WHERE call.session = session.id AND call.outcome IS NULL)
       AND NOT EXISTS (SELECT 1 FROM session AS other WHERE other.lineage = session.lineage AND ${IS_LIVE})
       AND NOT EXISTS (
         SELECT 1 FROM hold
         WHERE hold.lineage = session.lineage AND hold.state IN ('open', 'approved') AND hold.expires_at > ?)`,
      ...[by, at],
    );
  }

  /** Archived ones that ended by this time, whose lineage does not go on. The oldest first. */
  toRemove(by: number): Promise<readonly string[]> {
    return this.#ids(
      `state = 'archived' AND NOT EXISTS (
         SELECT 1 FROM session AS other WHERE other.lineage = session.lineage AND (${IS_LIVE} OR ${IS_UNFOLLOWED}))`,
      by,
    );
  }

  async #has(lineage: string, condition: string): Promise<boolean> {
    const text = `SELECT count(*) AS n FROM session AS other WHERE other.lineage = ? AND ${condition}`;
    return Number((await this.#sql.one(text, lineage))?.['n']) > 0;
  }

  async #ids(condition: string, ...values: readonly number[]): Promise<readonly string[]> {
    const rows = await this.#sql.all(
      `SELECT id FROM session WHERE ended_at <= ? AND ${condition} ORDER BY row`,
      ...values,
    );
    return rows.map((row) => String(row['id']));
  }
}
