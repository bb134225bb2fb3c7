/** The table of holds. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ANSWER_WITHIN, type Decision } from '../../domain/hold.ts';
import type { Placing } from '../../domain/ports.ts';
import type { HoldRow } from '../hold-row.ts';
import type { HoldRows, SameCall } from '../rows.ts';

export class SqliteHoldRows implements HoldRows {
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

  ofCall({ session, target, digest }: SameCall): readonly HoldRow[] {
    return this.#ofCall.all(session, target, digest) as unknown as readonly HoldRow[];
  }

  pending(session: string): readonly HoldRow[] {
    return this.#pending.all(session) as unknown as readonly HoldRow[];
  }

  list(open: boolean): readonly HoldRow[] {
    return (open ? this.#allOpen : this.#all).all() as unknown as readonly HoldRow[];
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
