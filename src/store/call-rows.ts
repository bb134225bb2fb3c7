/** Rows of calls: written at the intent, completed at the outcome. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Effect } from '../domain/contract.ts';
import type { Fields } from '../domain/history.ts';
import type { OutcomeWord } from '../domain/outcome.ts';

export interface CallRow {
  readonly row: number;
  readonly id: string;
  readonly session: string;
  readonly effect: Effect;
  readonly deadline: number;
  /** The journal entry of the intent, beside which the arguments lie. */
  readonly intent: number;
  /** JSON. */
  readonly fields: string;
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
  readonly at: number;
  readonly fields: Fields;
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
      `INSERT INTO call (id, session, target, digest, effect, at, deadline, intent, binds, fields)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#byId = db.prepare(
      'SELECT row, id, session, effect, deadline, intent, fields, outcome, settled_at, settled FROM call WHERE id = ?',
    );
    this.#binding = db.prepare('SELECT id FROM call WHERE session = ? AND target = ? AND digest = ? AND binds = 1');
    this.#settle = db.prepare(
      'UPDATE call SET outcome = ?, settled_at = ?, settled = ?, binds = ?, fields = ? WHERE row = ?',
    );
    this.#inFlight = db.prepare('SELECT * FROM call WHERE outcome IS NULL');
  }

  insert(call: NewCall, deadline: number, intent: number): void {
    const binds = call.effect === 'read' ? null : 1;
    const { call: id, session, target, digest, effect, at } = call;
    const fields = JSON.stringify(call.fields);
    const inserted = this.#insert.run(id, session, target, digest, effect, at, deadline, intent, binds, fields);
    const row = Number(inserted.lastInsertRowid);
    const open = { outcome: null, settled_at: null, settled: null };
    this.#own.set(id, { row, id, session, effect, deadline, intent, fields, ...open });
  }

  find(id: string): CallRow | undefined {
    return this.#own.get(id) ?? (this.#byId.get(id) as CallRow | undefined);
  }

  /** The identical call that is no `read` and is in flight, or ended as `unknown`. */
  identical(session: string, target: string, digest: string): string | undefined {
    return this.#binding.get(session, target, digest)?.['id'] as string | undefined;
  }

  /** `fields` join those of the intent. */
  settle(row: CallRow, outcome: OutcomeWord, at: number, entry: number, fields: Fields): void {
    const binds = outcome === 'unknown' && row.effect !== 'read' ? 1 : null;
    const all = Object.keys(fields).length === 0 ? row.fields : joinedFields(row.fields, fields);
    this.#settle.run(outcome, at, entry, binds, all, row.row);
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

const joinedFields = (text: string, more: Fields): string =>
  JSON.stringify({ ...(JSON.parse(text) as Fields), ...more });
