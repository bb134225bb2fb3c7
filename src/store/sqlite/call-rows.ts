/** The table of calls. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Effect } from '../../domain/contract.ts';
import type { Fields } from '../../domain/history.ts';
import type { OutcomeWord } from '../../domain/outcome.ts';
import type { CallRow, CallRows, NewCall, SameCall } from '../rows.ts';

export class SqliteCallRows implements CallRows {
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

  identical({ session, target, digest }: SameCall): string | undefined {
    return this.#binding.get(session, target, digest)?.['id'] as string | undefined;
  }

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
