/** The table of accepted policies. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Accepted } from '../../domain/acceptance.ts';
import type { AcceptanceRows } from '../rows.ts';

const MOST = 10;

export class SqliteAcceptanceRows implements AcceptanceRows {
  readonly #insert: StatementSync;
  readonly #newest: StatementSync;
  readonly #byNonce: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare('INSERT INTO accepted (profile, file, nonce, accepted) VALUES (?, ?, ?, ?)');
    this.#newest = db.prepare(
      'SELECT accepted FROM accepted WHERE profile = ? OR file = ? ORDER BY profile = ? DESC, row DESC LIMIT ?',
    );
    this.#byNonce = db.prepare('SELECT row FROM accepted WHERE nonce = ?');
  }

  newest(profile: string, file: string): readonly Accepted[] {
    return this.#newest.all(profile, file, profile, MOST).map((row) => JSON.parse(String(row['accepted'])) as Accepted);
  }

  isUsed(nonce: string): boolean {
    return this.#byNonce.get(nonce) !== undefined;
  }

  add(accepted: Accepted): void {
    const { profile, texts, proof } = accepted;
    this.#insert.run(profile, texts.files[0].file, proof?.nonce ?? null, JSON.stringify(accepted));
  }
}
