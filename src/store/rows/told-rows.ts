/** The table of notifications: a row for each receiver and each thing that waits. */
import { rightsAsked } from '../../domain/agreement.ts';
import type { Awaiting, Ending, Occasion, Taking, Told } from '../../domain/notification.ts';
import { toolOf } from '../../domain/notification.ts';
import type { Need } from '../../domain/policy.ts';
import type { Principal } from '../../domain/principal.ts';
import { termsOf, USUAL_TERMS } from '../../domain/terms.ts';
import type { Sql, SqlRow } from '../sql.ts';

/** A row, and who tries it. */
export interface ToldRow extends Told {
  readonly by: string;
}

/** That does not wait any more at `?`. */
const IS_OVER = `(occasion = 'hold' AND NOT EXISTS (
    SELECT 1 FROM hold WHERE hold.id = told.about AND hold.state = 'open' AND hold.expires_at > ?))
  OR (occasion = 'outcome' AND NOT EXISTS (
    SELECT 1 FROM call WHERE call.id = told.about AND call.outcome = 'unknown' AND call.binds = 1))`;

export class ToldRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async awaiting(at: number): Promise<readonly Awaiting[]> {
    const holds = await this.#sql.all(
      `SELECT id, target, bound, placed_at, expires_at FROM hold
       WHERE state = 'open' AND expires_at > ? ORDER BY placed_at, row`,
      at,
    );
    const calls = await this.#sql.all(
      `SELECT call.id AS id, target, settled_at, principal FROM call JOIN session ON session.id = call.session
       WHERE call.outcome = 'unknown' AND call.binds = 1 ORDER BY settled_at, call.row`,
    );
    const all = [...holds.map(ofHold), ...calls.map(ofCall)];
    return all.toSorted((one, other) => one.since - other.since);
  }

  async waits(occasion: Occasion, id: string, at: number): Promise<boolean> {
    const found =
      occasion === 'hold'
        ? await this.#sql.one(`SELECT id FROM hold WHERE id = ? AND state = 'open' AND expires_at > ?`, id, at)
        : await this.#sql.one(`SELECT id FROM call WHERE id = ? AND outcome = 'unknown' AND binds = 1`, id);
    return found !== undefined;
  }

  async all(): Promise<readonly ToldRow[]> {
    return (await this.#sql.all('SELECT * FROM told ORDER BY at')).map(toldOf);
  }

  /** Nobody else takes it until the transaction ends: a row that is not there yet is made, of a round before the first. */
  async toTake({ receiver, occasion, about, at }: Taking): Promise<ToldRow> {
    await this.#sql.run(
      `INSERT INTO told (receiver, occasion, about, round, message, tries, state, by, at, again)
       VALUES (?, ?, ?, -1, '', 0, 'told', '', ?, NULL) ON CONFLICT (receiver, occasion, about) DO NOTHING`,
      ...[receiver, occasion, about, at],
    );
    const row = await this.#sql.one(
      `SELECT * FROM told WHERE receiver = ? AND occasion = ? AND about = ?${this.#sql.toChange}`,
      ...[receiver, occasion, about],
    );
    if (row === undefined) throw new Error('the row of a notification that was just made is gone');
    return toldOf(row);
  }

  async update({ receiver, occasion, about, round, message, tries, state, by, at, again }: ToldRow): Promise<void> {
    await this.#sql.run(
      `UPDATE told SET round = ?, message = ?, tries = ?, state = ?, by = ?, at = ?, again = ?
       WHERE receiver = ? AND occasion = ? AND about = ?`,
      ...[round, message, tries, state, by, at, again ?? null, receiver, occasion, about],
    );
  }

  /** Of a message that is still this one's to tell. */
  async end({ receiver, occasion, about, message, state, at, again }: Ending): Promise<void> {
    await this.#sql.run(
      'UPDATE told SET state = ?, at = ?, again = ? WHERE receiver = ? AND occasion = ? AND about = ? AND message = ?',
      ...[state, at, again ?? null, receiver, occasion, about, message],
    );
  }

  async takeOver(at: number): Promise<readonly ToldRow[]> {
    return (await this.#sql.all(`DELETE FROM told WHERE ${IS_OVER} RETURNING *`, at)).map(toldOf);
  }
}

function ofHold(row: SqlRow): Awaiting {
  const { needs, principal } = JSON.parse(String(row['bound'])) as { needs: readonly Need[]; principal: Principal };
  return {
    occasion: 'hold',
    id: String(row['id']),
    tool: toolOf(String(row['target'])),
    rules: [...new Set(needs.map(({ rule }) => rule))],
    since: Number(row['placed_at']),
    until: Number(row['expires_at']),
    principal,
    rights: rightsAsked(needs),
    terms: termsOf(needs),
  };
}

function ofCall(row: SqlRow): Awaiting {
  const principal = JSON.parse(String(row['principal'])) as Principal;
  const [id, tool, since] = [String(row['id']), toolOf(String(row['target'])), Number(row['settled_at'])];
  return {
    occasion: 'outcome',
    id,
    tool,
    rules: [],
    since,
    until: undefined,
    principal,
    rights: ['settle outcomes'],
    terms: USUAL_TERMS,
  };
}

const toldOf = (row: SqlRow): ToldRow => ({
  receiver: String(row['receiver']),
  occasion: row['occasion'] as Occasion,
  about: String(row['about']),
  round: Number(row['round']),
  message: String(row['message']),
  tries: Number(row['tries']),
  state: row['state'] as Told['state'],
  by: String(row['by']),
  at: Number(row['at']),
  again: row['again'] === null ? undefined : Number(row['again']),
});
