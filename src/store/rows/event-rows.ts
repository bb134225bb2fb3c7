/** The table of events: what agents wrote down, by the first of the sessions that follow each other. */
import type { Awaitable, Sql } from '../sql.ts';

export interface EventRow {
  readonly lineage: string;
  readonly seq: number;
  readonly session: string;
  readonly type: string;
  readonly at: number;
  /** The journal entry beside which its content lies. */
  readonly entry: number;
  /** Bytes of all contents up to this one, so that nothing has to be summed. */
  readonly total: number;
}

export class EventRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The caller has locked the session that it is appended to. */
  insert({ lineage, seq, session, type, at, entry, total }: EventRow): Awaitable<void> {
    return this.#sql.run(
      'INSERT INTO event (lineage, seq, session, type, at, entry, total) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[lineage, seq, session, type, at, entry, total],
    );
  }

  /** How many there are, and their bytes. */
  async extent(lineage: string): Promise<Pick<EventRow, 'seq' | 'total'>> {
    const text = 'SELECT seq, total FROM event WHERE lineage = ? ORDER BY seq DESC LIMIT 1';
    const row = (await this.#sql.one(text, lineage)) as Pick<EventRow, 'seq' | 'total'> | undefined;
    return row ?? { seq: 0, total: 0 };
  }

  /** From `seq` on, in order. */
  async from(lineage: string, seq: number, most: number): Promise<readonly EventRow[]> {
    const text = 'SELECT * FROM event WHERE lineage = ? AND seq >= ? ORDER BY seq LIMIT ?';
    return (await this.#sql.all(text, lineage, seq, most)) as unknown as readonly EventRow[];
  }
}
