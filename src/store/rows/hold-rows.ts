/** The table of holds: a row each, and once it is answered its grant. */
import type { Decision, HoldState } from '../../domain/hold.ts';
import type { Placing } from '../../domain/ports.ts';
import { termsOf } from '../../domain/terms.ts';
import type { HoldRow } from '../hold-row.ts';
import type { SessionRow } from '../session-row.ts';
import type { Sql } from '../sql.ts';
import type { SameCall } from './call-rows.ts';

/** A session, found by its lineage. */
type Whose = Pick<SessionRow, 'id' | 'lineage'>;

export class HoldRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async insert(id: string, placing: Placing, lineage: string, entry: number): Promise<HoldRow> {
    const { session, target, digest, binding, effect, at, principal, needs, rules, pin } = placing;
    const bound = JSON.stringify({ principal, needs, rules, pin });
    const row = await this.#sql.one(
      `INSERT INTO hold
         (id, session, lineage, target, digest, binding, bound, effect, entry, state, placed_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?) RETURNING *`,
      ...[id, session, lineage, target, digest, binding, bound, effect, entry, at, at + termsOf(needs).answerWithin],
    );
    return row as unknown as HoldRow;
  }

  async find(id: string): Promise<HoldRow | undefined> {
    return (await this.#sql.one(`SELECT * FROM hold WHERE id = ?${this.#sql.toChange}`, id)) as HoldRow | undefined;
  }

  /** Holds of one exact call, the newest first. */
  ofCall({ lineage, target, digest }: SameCall): Promise<readonly HoldRow[]> {
    return this.#rows('WHERE lineage = ? AND target = ? AND digest = ? ORDER BY row DESC', lineage, target, digest);
  }

  /** Holds of a session and its predecessors that are open, or approved and not used; some may have lapsed by now. */
  pending(lineage: string): Promise<readonly HoldRow[]> {
    return this.#rows(`WHERE lineage = ? AND state IN ('open', 'approved') ORDER BY row`, lineage);
  }

  /** All holds of a session and its predecessors, the newest first. */
  ofLineage(lineage: string): Promise<readonly HoldRow[]> {
    return this.#rows('WHERE lineage = ? ORDER BY row DESC', lineage);
  }

  /** The newest first; `open` leaves those that were neither denied, used nor voided. */
  list(open: boolean): Promise<readonly HoldRow[]> {
    return this.#rows(`${open ? `WHERE state IN ('open', 'approved')` : ''} ORDER BY row DESC`);
  }

  /** All of a session, oldest first. */
  ofSession({ lineage, id }: Whose): Promise<readonly HoldRow[]> {
    return this.#rows('WHERE lineage = ? AND session = ? ORDER BY row', lineage, id);
  }

  async remove({ lineage, id }: Whose): Promise<void> {
    await this.#sql.run('DELETE FROM hold WHERE lineage = ? AND session = ?', lineage, id);
  }

  /** How many can be answered at `at`, by lineage. */
  async open(at: number): Promise<ReadonlyMap<string, number>> {
    const text = `SELECT lineage, count(*) AS n FROM hold WHERE state = 'open' AND expires_at > ? GROUP BY lineage`;
    const rows = await this.#sql.all(text, at);
    return new Map(rows.map((row) => [String(row['lineage']), Number(row['n'])]));
  }

  async denials(lineage: string, target: string): Promise<number> {
    const text = `SELECT count(*) AS n FROM hold WHERE lineage = ? AND target = ? AND state = 'denied'`;
    return Number((await this.#sql.one(text, lineage, target))?.['n']);
  }

  async answer(id: string, state: HoldState, decisions: readonly Decision[], expiresAt: number): Promise<void> {
    const text = 'UPDATE hold SET state = ?, decisions = ?, expires_at = ? WHERE id = ?';
    await this.#sql.run(text, state, JSON.stringify(decisions), expiresAt, id);
  }

  async use(id: string, state: HoldState, uses: readonly string[]): Promise<void> {
    await this.#sql.run('UPDATE hold SET state = ?, uses = ? WHERE id = ?', state, JSON.stringify(uses), id);
  }

  async lapse(id: string): Promise<void> {
    await this.#sql.run(`UPDATE hold SET state = 'lapsed' WHERE id = ?`, id);
  }

  async #rows(which: string, ...values: readonly string[]): Promise<readonly HoldRow[]> {
    return (await this.#sql.all(`SELECT * FROM hold ${which}`, ...values)) as unknown as readonly HoldRow[];
  }
}
