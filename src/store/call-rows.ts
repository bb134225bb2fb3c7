/** Rows of calls: written at the intent, completed at the outcome. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Effect } from '../domain/contract.ts';
import type { OutcomeWord } from '../domain/outcome.ts';

export interface CallRow {
  readonly id: string;
  readonly session: string;
  readonly effect: Effect;
  readonly deadline: number;
  /** The journal entry of the intent, beside which the arguments lie. */
  readonly intent: number;
  /** Null while the call is in flight, as is all below. */
  readonly outcome: OutcomeWord | null;
  readonly settled_at: number | null;
  /** The journal entry of the outcome, beside which the result lies. */
  readonly settled: number | null;
}

export interface NewCall {
  readonly call: string;
  readonly session: string;
  readonly target: string;
  readonly digest: string;
  readonly effect: Effect;
}

export class CallRows {
  readonly #insert: StatementSync;
  readonly #byId: StatementSync;
  readonly #binding: StatementSync;
  readonly #settle: StatementSync;
  readonly #inFlight: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      'INSERT INTO call (id, session, target, digest, effect, deadline, intent, binds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#byId = db.prepare(
      'SELECT id, session, effect, deadline, intent, outcome, settled_at, settled FROM call WHERE id = ?',
    );
    this.#binding = db.prepare('SELECT id FROM call WHERE session = ? AND target = ? AND digest = ? AND binds = 1');
    this.#settle = db.prepare('UPDATE call SET outcome = ?, settled_at = ?, settled = ?, binds = ? WHERE id = ?');
    this.#inFlight = db.prepare('SELECT * FROM call WHERE outcome IS NULL');
  }

  insert(call: NewCall, deadline: number, intent: number): void {
    const binds = call.effect === 'read' ? null : 1;
    this.#insert.run(call.call, call.session, call.target, call.digest, call.effect, deadline, intent, binds);
  }

  find(id: string): CallRow | undefined {
    return this.#byId.get(id) as CallRow | undefined;
  }

  /** The identical call that is no `read` and is in flight, or ended as `unknown`. */
  identical(session: string, target: string, digest: string): string | undefined {
    return this.#binding.get(session, target, digest)?.['id'] as string | undefined;
  }

  settle(row: CallRow, outcome: OutcomeWord, at: number, entry: number): void {
    const binds = outcome === 'unknown' && row.effect !== 'read' ? 1 : null;
    this.#settle.run(outcome, at, entry, binds, row.id);
  }

  inFlight(): readonly CallRow[] {
    return this.#inFlight.all() as unknown as readonly CallRow[];
  }
}
