/** The table of stops. Those that stand are few, and asked for by every commit: where one thread alone writes they stay in memory. */
import type { Stop, StopKind, Stopping } from '../../domain/stop.ts';
import type { Awaitable, Sql } from '../sql.ts';

interface StoredStop {
  readonly id: string;
  readonly kind: StopKind;
  readonly key: string;
  readonly lineage: string | null;
  readonly target: string | null;
  readonly digest: string | null;
  readonly by: string;
  readonly why: string;
  readonly at: number;
  readonly lifted_by: string | null;
  readonly lifted_why: string | null;
  readonly lifted_at: number | null;
}

export class StopRows {
  readonly #sql: Sql;
  #standing: readonly Stop[] | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The oldest first. */
  standing(): Awaitable<readonly Stop[]> {
    return this.#standing ?? this.#readStanding();
  }

  /** All there ever were, the newest first. */
  async all(): Promise<readonly Stop[]> {
    return (await this.#sql.all('SELECT * FROM stop ORDER BY row DESC')).map((row) =>
      stopOf(row as unknown as StoredStop),
    );
  }

  async find(id: string): Promise<Stop | undefined> {
    const row = await this.#sql.one(`SELECT * FROM stop WHERE id = ?${this.#sql.toChange}`, id);
    return row === undefined ? undefined : stopOf(row as unknown as StoredStop);
  }

  /** From here to the end of the transaction nobody commits a call who has not seen what it writes. */
  alone(): Awaitable<void> {
    return this.#sql.lock(STOPS);
  }

  async insert({ id, kind, key, lineage, same, by, why, at }: Stop): Promise<void> {
    this.#standing = undefined;
    await this.#sql.run(
      'INSERT INTO stop (id, kind, key, lineage, target, digest, by, why, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[id, kind, key, lineage ?? null, same?.target ?? null, same?.digest ?? null, by, why, at],
    );
  }

  async lift(id: string, { by, why, at }: Pick<Stopping, 'by' | 'why' | 'at'>): Promise<void> {
    this.#standing = undefined;
    const text = 'UPDATE stop SET lifted_by = ?, lifted_why = ?, lifted_at = ? WHERE id = ?';
    await this.#sql.run(text, by, why, at, id);
  }

  /** After a rollback or a foreign write: memory may not be what the database says. */
  forget(): void {
    this.#standing = undefined;
  }

  async #readStanding(): Promise<readonly Stop[]> {
    const rows = await this.#sql.all('SELECT * FROM stop WHERE lifted_at IS NULL ORDER BY row');
    this.#standing = rows.map((row) => stopOf(row as unknown as StoredStop));
    return this.#standing;
  }
}

/** What is locked where stops are read or written: shared by commits, alone for who stops or lifts. */
export const STOPS = 'stops';

function stopOf(row: StoredStop): Stop {
  const { id, kind, key, by, why, at } = row;
  return {
    ...{ id, kind, key, by, why, at },
    lineage: row.lineage ?? undefined,
    same: row.target === null || row.digest === null ? undefined : { target: row.target, digest: row.digest },
    lifted:
      row.lifted_at === null ? undefined : { by: row.lifted_by ?? '', why: row.lifted_why ?? '', at: row.lifted_at },
  };
}
