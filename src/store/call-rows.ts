/** Rows of calls: written at the intent, completed at the outcome. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Effect } from '../domain/contract.ts';
import type { OutcomeWord } from '../domain/outcome.ts';

export interface CallRow {
  readonly row: number;
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
  /** Calls in flight that this process committed, so that settling one reads nothing. */
  readonly #own = new Map<string, CallRow>();
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
      'SELECT row, id, session, effect, deadline, intent, outcome, settled_at, settled FROM call WHERE id = ?',
    );
    this.#binding = db.prepare('SELECT id FROM call WHERE session = ? AND target = ? AND digest = ? AND binds = 1');
    this.#settle = db.prepare('UPDATE call SET outcome = ?, settled_at = ?, settled = ?, binds = ? WHERE row = ?');
    this.#inFlight = db.prepare('SELECT * FROM call WHERE outcome IS NULL');
  }

  insert(call: NewCall, deadline: number, intent: number): void {
    const binds = call.effect === 'read' ? null : 1;
    const { call: id, session, target, digest, effect } = call;
    const inserted = this.#insert.run(id, session, target, digest, effect, deadline, intent, binds);
    const row = Number(inserted.lastInsertRowid);
    this.#own.set(id, { row, id, session, effect, deadline, intent, outcome: null, settled_at: null, settled: null });
  }

  find(id: string): CallRow | undefined {
    return this.#own.get(id) ?? (this.#byId.get(id) as CallRow | undefined);
  }

  /** The identical call that is no `read` and is in flight, or ended as `unknown`. */
  identical(session: string, target: string, digest: string): string | undefined {
    return this.#binding.get(session, target, digest)?.['id'] as string | undefined;
  }

  settle(row: CallRow, outcome: OutcomeWord, at: number, entry: number): void {
    const binds = outcome === 'unknown' && row.effect !== 'read' ? 1 : null;
    this.#settle.run(outcome, at, entry, binds, row.row);
    this.#own.delete(row.id);
  }

  /** The effect of a call in flight that this process committed. */
  ownEffect(id: string): Effect | undefined {
    return this.#own.get(id)?.effect;
  }

  /** After a rollback or a foreign write: memory may not be what the file says. */
  forget(): void {
    this.#own.clear();
  }

  inFlight(): readonly CallRow[] {
    return this.#inFlight.all() as unknown as readonly CallRow[];
  }
}
