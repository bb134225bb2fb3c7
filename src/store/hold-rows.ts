/** Rows of holds, and a hold as it stands at a time: what was not answered or used in time has lapsed. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Effect } from '../domain/contract.ts';
import type { Decision, Hold, HoldState } from '../domain/hold.ts';
import { ANSWER_WITHIN } from '../domain/hold.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Placing } from '../domain/ports.ts';

export interface HoldRow {
  readonly row: number;
  readonly id: string;
  readonly session: string;
  readonly target: string;
  readonly digest: string;
  readonly binding: string;
  /** JSON: principal, needs, rules, pin. */
  readonly bound: string;
  readonly effect: Effect;
  /** The journal entry beside which the effective arguments lie. */
  readonly entry: number;
  readonly state: HoldState;
  readonly placed_at: number;
  readonly expires_at: number;
  /** JSON. */
  readonly decision: string | null;
  readonly used_by: string | null;
}

export const stateAt = (row: HoldRow, at: number): HoldState =>
  (row.state === 'open' || row.state === 'approved') && at >= row.expires_at ? 'lapsed' : row.state;

export const decisionOf = (row: HoldRow): Decision | undefined =>
  row.decision === null ? undefined : withBecause(JSON.parse(row.decision) as Decision);

/** JSON has no undefined; the type has. */
const withBecause = (decision: Decision): Decision => ({ ...decision, because: decision.because ?? undefined });

export const holdOf = (row: HoldRow, effective: JsonObject, agentReason: string | undefined, at: number): Hold => ({
  ...(JSON.parse(row.bound) as Pick<Hold, 'principal' | 'needs' | 'rules' | 'pin'>),
  id: row.id,
  session: row.session,
  target: row.target,
  digest: row.digest,
  binding: row.binding,
  effect: row.effect,
  effective,
  agentReason,
  state: stateAt(row, at),
  placedAt: row.placed_at,
  expiresAt: row.expires_at,
  decision: decisionOf(row),
  usedBy: row.used_by ?? undefined,
});

export class HoldRows {
  readonly #insert: StatementSync;
  readonly #byId: StatementSync;
  readonly #ofCall: StatementSync;
  readonly #pending: StatementSync;
  readonly #allOpen: StatementSync;
  readonly #all: StatementSync;
  readonly #denied: StatementSync;
  readonly #answer: StatementSync;
  readonly #use: StatementSync;
  readonly #void: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      `INSERT INTO hold (id, session, target, digest, binding, bound, effect, entry, state, placed_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)`,
    );
    this.#byId = db.prepare('SELECT * FROM hold WHERE id = ?');
    this.#ofCall = db.prepare('SELECT * FROM hold WHERE session = ? AND target = ? AND digest = ? ORDER BY row DESC');
    this.#pending = db.prepare(`SELECT * FROM hold WHERE session = ? AND state IN ('open', 'approved')`);
    this.#allOpen = db.prepare(`SELECT * FROM hold WHERE state IN ('open', 'approved') ORDER BY row DESC`);
    this.#all = db.prepare('SELECT * FROM hold ORDER BY row DESC');
    this.#denied = db.prepare(`SELECT count(*) AS n FROM hold WHERE session = ? AND target = ? AND state = 'denied'`);
    this.#answer = db.prepare('UPDATE hold SET state = ?, decision = ?, expires_at = ? WHERE id = ?');
    this.#use = db.prepare(`UPDATE hold SET state = 'used', used_by = ? WHERE id = ?`);
    this.#void = db.prepare(`UPDATE hold SET state = 'lapsed' WHERE id = ?`);
  }

  insert(id: string, placing: Placing, entry: number): HoldRow {
    const { session, target, digest, binding, effect, at, principal, needs, rules, pin } = placing;
    const bound = JSON.stringify({ principal, needs, rules, pin });
    this.#insert.run(id, session, target, digest, binding, bound, effect, entry, at, at + ANSWER_WITHIN);
    return this.find(id) as HoldRow;
  }

  find(id: string): HoldRow | undefined {
    return this.#byId.get(id) as HoldRow | undefined;
  }

  /** Holds of one exact call, the newest first. */
  ofCall({ session, target, digest }: Pick<Placing, 'session' | 'target' | 'digest'>): readonly HoldRow[] {
    return this.#ofCall.all(session, target, digest) as unknown as readonly HoldRow[];
  }

  /** Holds of a session that are open, or approved and not used; some may have lapsed by now. */
  pending(session: string): readonly HoldRow[] {
    return this.#pending.all(session) as unknown as readonly HoldRow[];
  }

  /** The newest first. */
  list(open: boolean, at: number): readonly HoldRow[] {
    const rows = (open ? this.#allOpen : this.#all).all() as unknown as readonly HoldRow[];
    return open ? rows.filter((row) => stateAt(row, at) === 'open') : rows;
  }

  denials(session: string, target: string): number {
    return Number(this.#denied.get(session, target)?.['n']);
  }

  answer(id: string, state: 'approved' | 'denied', decision: Decision, expiresAt: number): void {
    this.#answer.run(state, JSON.stringify(decision), expiresAt, id);
  }

  use(id: string, call: string): void {
    this.#use.run(call, id);
  }

  lapse(id: string): void {
    this.#void.run(id);
  }
}
