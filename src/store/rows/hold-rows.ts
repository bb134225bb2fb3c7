/** The table of holds: a row each, and once it is answered its grant. */
import type { Decision, HoldState } from '../../domain/hold.ts';
import type { Placing } from '../../domain/placing.ts';

import { termsOf } from '../../domain/terms.ts';
import type { HoldRow, StoredShown } from '../hold-row.ts';
import { tenantKey } from '../session-identity.ts';
import type { SessionRow } from '../session-row.ts';
import type { Sql } from '../sql.ts';
import type { SameCall } from './call-rows.ts';

type Placer = Pick<SessionRow, 'lineage' | 'ownerKey'>;

/** A session, found by its lineage. */
type Whose = Pick<SessionRow, 'id' | 'lineage'>;

/** The journal entry beside which the arguments lie, and where what is shown does. */
interface KeptBeside {
  readonly entry: number;
  readonly shown: StoredShown | undefined;
}

export class HoldRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async insert(id: string, placing: Placing, { lineage, ownerKey }: Placer, kept: KeptBeside): Promise<HoldRow> {
    const { session, target, digest, binding, effect, at, principal, needs, rules, pin } = placing;
    const { entry, shown } = kept;
    const bound = JSON.stringify({ principal, needs, rules, pin, shown });
    const row = await this.#sql.one(
      `INSERT INTO hold
         (id, session, lineage, owner, tenant, target, digest, binding, bound, effect, entry, state, placed_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?) RETURNING *`,
      ...[id, session, lineage, ownerKey, tenantKey(principal), target, digest, binding, bound, effect, entry],
      ...[at, at + termsOf(needs).answerWithin],
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

  /** Of one target, those that people approved, the newest first; a bounded number of them. */
  approved(target: string): Promise<readonly HoldRow[]> {
    return this.#rows(`WHERE target = ? AND state IN ('approved', 'used') ORDER BY row DESC LIMIT 200`, target);
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

  /** How many a principal placed after `since`, and when the first of them. Nobody places one for it until the transaction ends. */
  async placedBy(owner: string, since: number): Promise<{ readonly placed: number; readonly first: number }> {
    await this.#sql.lock(owner);
    const text =
      'SELECT count(*) AS n, coalesce(min(placed_at), 0) AS first FROM hold WHERE owner = ? AND placed_at > ?';
    const row = await this.#sql.one(text, owner, since);
    return { placed: Number(row?.['n']), first: Number(row?.['first']) };
  }

  /** Likewise, of these lineages alone. */
  async openIn(lineages: readonly string[], at: number): Promise<ReadonlyMap<string, number>> {
    if (lineages.length === 0) return new Map();
    const rows = await this.#sql.all(
      `SELECT lineage, count(*) AS n FROM hold WHERE lineage IN (${lineages.map(() => '?').join(', ')})
         AND state IN ('open', 'approved') AND state = 'open' AND expires_at > ? GROUP BY lineage`,
      ...[...lineages, at],
    );
    return new Map(rows.map((row) => [String(row['lineage']), Number(row['n'])]));
  }

  /** Those of a tenant, or all, that were placed since then, with their sessions' profiles. The newest first. */
  async asked(
    tenant: string | undefined,
    since: number,
    most: number,
  ): Promise<readonly (HoldRow & { readonly profile: string })[]> {
    const rows = await this.#sql.all(
      `SELECT hold.*, session.profile FROM hold JOIN session ON session.id = hold.session
       WHERE ${tenant === undefined ? '' : 'hold.tenant = ? AND '}hold.placed_at >= ? ORDER BY hold.placed_at DESC, hold.row DESC LIMIT ?`,
      ...[...(tenant === undefined ? [] : [tenant]), since, most],
    );
    return rows as unknown as readonly (HoldRow & { readonly profile: string })[];
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
