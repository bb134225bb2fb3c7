/** The table of letters that replicas write to each other. */
import type { Posting, SealedLetter } from '../operations.ts';
import type { Sql } from '../sql.ts';

export class RelayRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async insert({ from, to, sealed }: Posting): Promise<void> {
    await this.#sql.run('INSERT INTO relay (recipient, sender, sealed) VALUES (?, ?, ?)', to, from, sealed);
  }

  /** In the order in which each sender posted them. */
  async to(recipient: string): Promise<readonly SealedLetter[]> {
    const rows = await this.#sql.all(
      `SELECT relay.row AS row, sender, sealed, replica.id AS living
       FROM relay LEFT JOIN replica ON replica.id = relay.sender WHERE recipient = ? ORDER BY relay.row`,
      recipient,
    );
    return rows.map(({ row, sender, sealed, living }) => ({
      row: Number(row),
      from: String(sender),
      sealed: sealed as Uint8Array,
      isFromLiving: living !== null,
    }));
  }

  async remove(rows: readonly number[]): Promise<undefined> {
    for (const row of rows) await this.#sql.run('DELETE FROM relay WHERE row = ?', row);
  }
}
