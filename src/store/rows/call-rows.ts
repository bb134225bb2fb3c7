/** The table of calls: a row from the intent on, completed at the outcome. */
import type { Effect } from '../../domain/contract.ts';
import type { Fields } from '../../domain/history.ts';
import type { OutcomeWord } from '../../domain/outcome.ts';
import type { Sql } from '../sql.ts';

export interface CallRow {
  readonly id: string;
  readonly session: string;
  /** Who makes it. */
  readonly replica: string;
  readonly lineage: string;
  readonly target: string;
  readonly digest: string;
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
  readonly replica: string;
  readonly target: string;
  readonly digest: string;
  readonly effect: Effect;
  readonly at: number;
  readonly fields: Fields;
}

/** What identifies a call, whoever makes it how often. */
export interface SameCall {
  readonly lineage: string;
  readonly target: string;
  readonly digest: string;
}

const COLUMNS = `id, session, replica, lineage, target, digest, effect, deadline, intent, fields, outcome, settled_at, settled`;

export class CallRows {
  readonly #sql: Sql;
  /** Calls in flight that this process committed, so that settling one reads nothing. */
  readonly #own = new Map<string, CallRow>();
  /** The call that binds, by what makes calls identical, as far as it was asked for. */
  readonly #binding = new Map<string, string | undefined>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async insert(call: NewCall, lineage: string, deadline: number, intent: number): Promise<void> {
    const binds = call.effect === 'read' ? null : 1;
    const { call: id, session, replica, target, digest, effect, at } = call;
    const fields = JSON.stringify(call.fields);
    await this.#sql.run(
      `INSERT INTO call (id, session, replica, lineage, target, digest, effect, at, deadline, intent, binds, fields)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, session, replica, lineage, target, digest, effect, at, deadline, intent, binds, fields],
    );
    const open = { outcome: null, settled_at: null, settled: null };
    this.#own.set(id, { id, session, replica, lineage, target, digest, effect, deadline, intent, fields, ...open });
    if (binds !== null) this.#binding.set(keyOf({ lineage, target, digest }), id);
  }

  async find(id: string): Promise<CallRow | undefined> {
    const own = this.#own.get(id);
    if (own !== undefined) return own;
    const row = (await this.#sql.one(`SELECT ${COLUMNS} FROM call WHERE id = ?`, id)) as CallRow | undefined;
    if (row?.outcome === null) this.#own.set(id, row);
    return row;
  }

  /** The identical call that is no `read` and is in flight, or ended as `unknown`. */
  async identical(call: SameCall): Promise<string | undefined> {
    const key = keyOf(call);
    if (this.#binding.has(key)) return this.#binding.get(key);
    const { lineage, target, digest } = call;
    const row = await this.#sql.one(
      'SELECT id FROM call WHERE lineage = ? AND target = ? AND digest = ? AND binds = 1',
      ...[lineage, target, digest],
    );
    const id = row?.['id'] as string | undefined;
    this.#binding.set(key, id);
    return id;
  }

  /** `fields` join those of the intent. */
  async settle(row: CallRow, outcome: OutcomeWord, at: number, entry: number, fields: Fields): Promise<void> {
    const binds = outcome === 'unknown' && row.effect !== 'read' ? 1 : null;
    const all = Object.keys(fields).length === 0 ? row.fields : joinedFields(row.fields, fields);
    await this.#sql.run(
      'UPDATE call SET outcome = ?, settled_at = ?, settled = ?, binds = ?, fields = ? WHERE id = ?',
      ...[outcome, at, entry, binds, all, row.id],
    );
    this.#own.delete(row.id);
    this.#binding.delete(keyOf(row));
  }

  /** The effect of a call in flight that this process committed. */
  ownEffect(id: string): Effect | undefined {
    return this.#own.get(id)?.effect;
  }

  /** After a rollback or a foreign write: memory may not be what the database says. */
  forget(): void {
    this.#own.clear();
    this.#binding.clear();
  }

  /** Keeps memory bounded. Between transactions only. */
  trim(): void {
    if (this.#binding.size > MOST_BINDING) this.#binding.clear();
  }

  /** Calls in flight of processes that are gone: `own` lives, and so does every replica that has a row. */
  async lost(own: string): Promise<readonly CallRow[]> {
    const rows = await this.#sql.all(
      `SELECT ${COLUMNS} FROM call
       WHERE outcome IS NULL AND replica <> ? AND NOT EXISTS (SELECT 1 FROM replica WHERE replica.id = call.replica)`,
      own,
    );
    return rows as unknown as readonly CallRow[];
  }
}

const MOST_BINDING = 2_000;

const keyOf = ({ lineage, target, digest }: SameCall): string => `${lineage} ${target} ${digest}`;

const joinedFields = (text: string, more: Fields): string =>
  JSON.stringify({ ...(JSON.parse(text) as Fields), ...more });
