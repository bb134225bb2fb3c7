/** The table of accepted policies. */
import type { Accepted } from '../../domain/acceptance.ts';
import type { Sql } from '../sql.ts';

const MOST = 10;

export class AcceptanceRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async newest(profile: string, file: string): Promise<readonly Accepted[]> {
    const rows = await this.#sql.all(
      `SELECT accepted FROM accepted WHERE profile = ? OR file = ?
       ORDER BY CASE WHEN profile = ? THEN 0 ELSE 1 END, row DESC LIMIT ?`,
      ...[profile, file, profile, MOST],
    );
    return rows.map((row) => JSON.parse(String(row['accepted'])) as Accepted);
  }

  async isUsed(nonce: string): Promise<boolean> {
    return (await this.#sql.one('SELECT row FROM accepted WHERE nonce = ?', nonce)) !== undefined;
  }

  async add(accepted: Accepted): Promise<void> {
    const { profile, texts, proof } = accepted;
    await this.#sql.run(
      'INSERT INTO accepted (profile, file, nonce, accepted) VALUES (?, ?, ?, ?)',
      ...[profile, texts.files[0].file, proof?.nonce ?? null, JSON.stringify(accepted)],
    );
  }
}
