/** The table of calls: a row from the intent on, completed at the outcome. */
import type { Effect } from '../../domain/contract.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Fields } from '../../domain/history.ts';
import type { OutcomeWord } from '../../domain/outcome.ts';
import type { SessionRow } from '../session-row.ts';
import type { Awaitable, Sql } from '../sql.ts';

export interface CallRow {
  readonly id: string;
  readonly session: string;
  /** Who makes it. */
  readonly replica: string;
  readonly lineage: string;
  readonly target: string;
  readonly digest: string;
  readonly effect: Effect;
  /** When its intent was written. */
  readonly at: number;
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
  /** JSON: what a person found out, where it had no known outcome. */
  readonly finding: string | null;
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

/** A call as its agent may list it. */
export type ListedCall = Pick<CallRow, 'id' | 'target' | 'outcome' | 'settled_at'> & {
  readonly at: number;
  /** 1 where its result lies beside its outcome. */
  readonly kept: number;
};

const LISTED = `SELECT id, target, at, outcome, settled_at,
    CASE WHEN EXISTS (SELECT 1 FROM content WHERE content.entry = call.settled) THEN 1 ELSE 0 END AS kept
  FROM call WHERE lineage = ?`;

const COLUMNS = `id, session, replica, lineage, target, digest, effect, at, deadline, intent, fields, outcome, settled_at, settled, finding`;

/** As the index `call_failed` says it, word for word. */
const FAILED = `outcome IN ('tool_error', 'rpc_error', 'unknown', 'not_sent', 'not_executed')`;

/** As the index `call_unknown` says it, word for word. */
const LOST = `outcome IN ('unknown', 'executed', 'not_executed')`;

export class CallRows {
  readonly #sql: Sql;
  /** Calls in flight that this process committed, so that settling one reads nothing. */
  readonly #own = new Map<string, CallRow>();
  /** The call that binds, by what makes calls identical, as far as it was asked for. */
  readonly #binding = new Map<string, string | undefined>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(call: NewCall, lineage: string, deadline: number, intent: number): Awaitable<void> {
    const binds = call.effect === 'read' ? null : 1;
    const { call: id, session, replica, target, digest, effect, at } = call;
    const fields = JSON.stringify(call.fields);
    const open = { outcome: null, settled_at: null, settled: null, finding: null };
    this.#own.set(id, { id, session, replica, lineage, target, digest, effect, at, deadline, intent, fields, ...open });
    if (binds !== null) this.#binding.set(keyOf({ lineage, target, digest }), id);
    return this.#sql.run(
      `INSERT INTO call (id, session, replica, lineage, target, digest, effect, at, deadline, intent, binds, fields)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, session, replica, lineage, target, digest, effect, at, deadline, intent, binds, fields],
    );
  }

  find(id: string): Awaitable<CallRow | undefined> {
    return this.#own.get(id) ?? this.#read(id);
  }

  async #read(id: string): Promise<CallRow | undefined> {
    const row = (await this.#sql.one(`SELECT ${COLUMNS} FROM call WHERE id = ?`, id)) as CallRow | undefined;
    if (row?.outcome === null) this.#own.set(id, row);
    return row;
  }

  /** The identical call that is no `read` and is in flight, or ended as `unknown` and was not found to be not executed. */
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

  /**
   * Whether the identical call failed, was not sent or was never answered, and was not answered since. It is not asked of
   * memory: failures are few, and have an index of their own.
   */
  async hasFailed({ lineage, target, digest }: SameCall): Promise<boolean> {
    const failed = await this.#sql.one(
      `SELECT row FROM call AS failed WHERE lineage = ? AND target = ? AND digest = ? AND ${FAILED}
       AND NOT EXISTS (
         SELECT 1 FROM call AS later
         WHERE later.lineage = failed.lineage AND later.target = failed.target AND later.settled_at >= failed.settled_at
           AND later.row > failed.row AND later.digest = failed.digest AND later.outcome IN ('ok', 'withheld', 'executed')
       ) LIMIT 1`,
      ...[lineage, target, digest],
    );
    return failed !== undefined;
  }

  /** `fields` join those of the intent. */
  settle(row: CallRow, outcome: OutcomeWord, at: number, entry: number, fields: Fields): Awaitable<void> {
    const binds = outcome === 'unknown' && row.effect !== 'read' ? 1 : null;
    const all = Object.keys(fields).length === 0 ? row.fields : joinedFields(row.fields, fields);
    this.#own.delete(row.id);
    if (row.effect !== 'read') this.#binding.delete(keyOf(row));
    return this.#sql.run(
      'UPDATE call SET outcome = ?, settled_at = ?, settled = ?, binds = ?, fields = ? WHERE id = ?',
      ...[outcome, at, entry, binds, all, row.id],
    );
  }

  /** The newest first: that have no known outcome and are no `read`; `open` leaves those of which nothing was found out. */
  async unknown(open: boolean): Promise<readonly CallRow[]> {
    const which = open ? `outcome = 'unknown' AND binds = 1` : `effect <> 'read'`;
    const rows = await this.#sql.all(`SELECT ${COLUMNS} FROM call WHERE ${LOST} AND ${which} ORDER BY row DESC`);
    return rows as unknown as readonly CallRow[];
  }

  /** What was executed binds on: nobody sends it again. */
  resolve(row: CallRow, finding: Finding): Awaitable<void> {
    const { outcome } = finding;
    this.#binding.delete(keyOf(row));
    return this.#sql.run(
      'UPDATE call SET outcome = ?, binds = ?, finding = ? WHERE id = ?',
      ...[outcome, outcome === 'executed' ? 1 : null, JSON.stringify(finding), row.id],
    );
  }

  /** Calls in flight that are at hand. */
  open(): readonly CallRow[] {
    return [...this.#own.values()];
  }

  /** They are in flight, as the database says. */
  hold(calls: readonly CallRow[]): void {
    for (const call of calls) this.#own.set(call.id, call);
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

  /** Whether any of this session's own is in flight. */
  async areInFlight({ id }: Pick<SessionRow, 'id'>): Promise<boolean> {
    const text = 'SELECT count(*) AS n FROM call WHERE session = ? AND outcome IS NULL';
    return Number((await this.#sql.one(text, id))?.['n']) > 0;
  }

  /** Of a session none of whose calls is in flight. */
  async remove({ lineage, id }: Pick<SessionRow, 'id' | 'lineage'>): Promise<void> {
    await this.#sql.run('DELETE FROM call WHERE lineage = ? AND session = ?', lineage, id);
    this.forget();
  }

  /** The newest first, of those before a call of the same lineage, or of all. */
  async list(lineage: string, before: string | undefined, most: number): Promise<readonly ListedCall[]> {
    const older = before === undefined ? '' : 'AND row < (SELECT row FROM call WHERE lineage = ? AND id = ?)';
    const values = before === undefined ? [lineage] : [lineage, lineage, before];
    const rows = await this.#sql.all(`${LISTED} ${older} ORDER BY row DESC LIMIT ?`, ...values, most);
    return rows as unknown as readonly ListedCall[];
  }

  async listed(lineage: string, id: string): Promise<ListedCall | undefined> {
    return (await this.#sql.one(`${LISTED} AND id = ?`, lineage, id)) as ListedCall | undefined;
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
