/**
 * Session rows, held in memory while a transaction runs and written once at its end: sixteen calls of a session cost one
 * update. Where one thread alone writes they stay valid until another process does, which it sees inside its transaction.
 */
import { type Amounts, added } from '../../domain/budget.ts';
import { CHAIN_START, GATEWAY_CHAIN } from '../../domain/journal.ts';
import { LedgerFault } from '../../domain/ports.ts';
import { isOver, type SessionKey, type SessionState } from '../../domain/session.ts';
import type { Head } from '../chain.ts';
import type { Known } from '../operations.ts';
import { ownerKey, sessionIdentity, tenantKey } from '../session-identity.ts';
import { knownOf, rowOf, type SessionRow } from '../session-row.ts';
import type { Awaitable, Sql, SqlValue } from '../sql.ts';
import { KeptRows } from './kept-rows.ts';

/** More rows than this are forgotten after a transaction and read again when they are needed. */
const MOST_ROWS = 2_000;
const NO_KEY = new Uint8Array(0);

/** Sessions whose states are asked for in one statement. */
const AT_A_TIME = 100;
const STATES = `SELECT id, state FROM session WHERE id IN (${Array(AT_A_TIME).fill('?').join(', ')})`;

/** A session about to be opened. */
interface Opening {
  readonly id: string;
  readonly owner: SessionKey;
  readonly state: SessionState;
  readonly named: boolean;
  /** The one whose lineage, labels, charges and calls in flight it takes over. */
  readonly follows: SessionRow | undefined;
  readonly at: number;
  readonly wrappedKey: Uint8Array;
}

export class SessionRows {
  readonly kept: KeptRows;
  readonly #sql: Sql;
  readonly #rows = new Map<string, SessionRow>();
  readonly #moved = new Set<SessionRow>();
  /** Not written, but told with what moved. */
  readonly #told = new Set<SessionRow>();
  #gateway: Head | undefined;
  #gatewayMoved = false;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.kept = new KeptRows(sql);
  }

  find(id: string): Awaitable<SessionRow | undefined> {
    return this.#rows.get(id) ?? this.#read(id);
  }

  /** The session of a call or hold, which is there unless a caller invented it. */
  get(id: string): Awaitable<SessionRow> {
    return this.#rows.get(id) ?? this.#readKnown(id);
  }

  /** It is so, as the database says. */
  hold(row: SessionRow): SessionRow {
    this.#rows.set(row.id, row);
    return row;
  }

  /** Where it is at hand. What memory knows that a session has touched may be less than it has. */
  held(id: string): SessionRow | undefined {
    return this.#rows.get(id);
  }

  /** The implicit one of this key that is not over. */
  async live(owner: SessionKey): Promise<SessionRow | undefined> {
    const row = await this.#sql.one(
      `SELECT id FROM session WHERE identity = ? AND named = 0 AND state IN ('created', 'running', 'paused')`,
      sessionIdentity(owner),
    );
    const found = row === undefined ? undefined : await this.find(String(row['id']));
    // It may have ended between the two statements, by another replica.
    return found === undefined || isOver(found) ? undefined : found;
  }

  /** The implicit one of this key that expired, and that no other has followed yet. */
  async unfollowed(owner: SessionKey): Promise<SessionRow | undefined> {
    const row = await this.#sql.one(
      `SELECT id FROM session WHERE identity = ? AND named = 0 AND ended = 'expired' AND successor IS NULL`,
      sessionIdentity(owner),
    );
    return row === undefined ? undefined : this.find(String(row['id']));
  }

  /** Where the calls of a session count by now: in itself, or in the last of those that followed it. */
  async last(row: SessionRow): Promise<SessionRow> {
    let last = row;
    while (last.successor !== undefined) last = await this.get(last.successor);
    return last;
  }

  /** Those of a profile that could make calls and were opened at `openedBy` or before; paused ones left out. */
  async aged(profile: string, openedBy: number): Promise<readonly SessionRow[]> {
    const aged = await this.#sql.all(
      `SELECT id FROM session WHERE profile = ? AND opened_at <= ? AND state IN ('created', 'running') ORDER BY id`,
      ...[profile, openedBy],
    );
    const rows: SessionRow[] = [];
    for (const { id } of aged) rows.push(await this.get(String(id)));
    return rows.filter(({ state }) => state === 'created' || state === 'running');
  }

  /** Nobody else opens a session of this principal until the transaction ends. */
  async lockOwner({ principal }: SessionKey): Promise<void> {
    await this.#sql.lock(ownerKey(principal));
  }

  /** Sessions of this principal under this profile that are not over. */
  async countLive({ principal, profile }: SessionKey): Promise<number> {
    const text = `SELECT count(*) AS n FROM session
      WHERE owner = ? AND profile = ? AND state IN ('created', 'running', 'paused')`;
    return Number((await this.#sql.one(text, ownerKey(principal), profile))?.['n']);
  }

  /** How these stand, those that the store knows. */
  async states(ids: readonly string[]): Promise<ReadonlyMap<string, SessionState>> {
    const found = new Map<string, SessionState>();
    for (let from = 0; from < ids.length; from += AT_A_TIME) {
      // Always as many values, so that there is one statement to prepare.
      const some = Array.from({ length: AT_A_TIME }, (_, index) => ids[from + index] ?? '');
      for (const row of await this.#sql.all(STATES, ...some))
        found.set(String(row['id']), row['state'] as SessionState);
    }
    return found;
  }

  /** Those that `which` leaves, as memory or else the database has them. */
  async which(which: string, ...values: readonly SqlValue[]): Promise<readonly SessionRow[]> {
    const stored = await this.#sql.all(`SELECT * FROM session ${which}`, ...values);
    return stored.map((one) => this.#rows.get(String(one['id'])) ?? rowOf(one));
  }

  async open({ id, owner, state, named, follows, at, wrappedKey }: Opening): Promise<SessionRow> {
    const { principal, profile, folder } = owner;
    const { lineage = id, used = {}, labels = [], inFlight = 0, busySince, chargedSince } = follows ?? {};
    const stored = await this.#sql.one(
      `INSERT INTO session (id, identity, principal, owner, tenant, lineage, profile, folder, state, named, opened_at, content_key,
         used, labels, in_flight, busy_since, charged_since, touched_at, head, hash, seq)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0) RETURNING *`,
      ...[id, sessionIdentity(owner), JSON.stringify(principal), ownerKey(principal), tenantKey(principal), lineage],
      ...[profile, folder ?? null, state, named ? 1 : 0, at, wrappedKey],
      ...[JSON.stringify(used), JSON.stringify(labels), inFlight],
      ...[busySince ?? null, chargedSince ?? null, at, CHAIN_START],
    );
    if (stored === undefined) throw new LedgerFault(`The session ${id} could not be opened.`);
    if (follows !== undefined) await this.#follow(follows, id);
    return this.hold(rowOf(stored));
  }

  /** What its calls in flight will have used counts in its successor from now on. */
  async #follow(row: SessionRow, successor: string): Promise<void> {
    row.successor = successor;
    row.inFlight = 0;
    row.busySince = undefined;
    await this.#sql.run('UPDATE session SET successor = ? WHERE id = ?', successor, row.id);
    this.#moved.add(row);
  }

  /** The journal entry beside which its description lies. */
  async setDescribed(row: SessionRow, entry: number): Promise<void> {
    row.described = entry;
    await this.#sql.run('UPDATE session SET described = ? WHERE id = ?', entry, row.id);
  }

  async setState(row: SessionRow, state: SessionState, at: number): Promise<void> {
    row.state = state;
    await this.#sql.run('UPDATE session SET state = ? WHERE id = ?', state, row.id);
    if (state === 'completed' || state === 'expired')
      await this.#sql.run('UPDATE session SET ended = ?, ended_at = ? WHERE id = ?', state, at, row.id);
    this.#moved.add(row);
  }

  /** Raises its caps, for its life. */
  async extend(row: SessionRow, extend: Amounts): Promise<void> {
    row.extended = { ...added(row.extended, extend) };
    await this.#sql.run('UPDATE session SET extended = ? WHERE id = ?', JSON.stringify(row.extended), row.id);
    this.#moved.add(row);
  }

  /** To be written at the end of the transaction. */
  move(row: SessionRow): SessionRow {
    this.#moved.add(row);
    return row;
  }

  /** Has the transaction's answer say how this session stands, so that every cache of this process learns of it. */
  tell(row: SessionRow): SessionRow {
    this.#told.add(row);
    return row;
  }

  /** Makes the key of a session useless, for good. */
  async erase(row: SessionRow): Promise<void> {
    row.wrappedKey = NO_KEY;
    row.key = undefined;
    this.kept.count(row, -row.contentBytes);
    this.move(row);
    await this.#sql.run('UPDATE session SET content_key = ? WHERE id = ?', NO_KEY, row.id);
  }

  async remove(row: SessionRow): Promise<void> {
    this.#moved.delete(row);
    this.#told.delete(row);
    this.#rows.delete(row.id);
    await this.#sql.run('DELETE FROM session WHERE id = ?', row.id);
  }

  /** The head of a chain, about to be appended to. */
  headToMove(session: string): Awaitable<Head> {
    const held = this.#rows.get(session);
    return held === undefined ? this.#readHeadToMove(session) : this.move(held).head;
  }

  async #readHeadToMove(session: string): Promise<Head> {
    if (session !== GATEWAY_CHAIN) return this.move(await this.get(session)).head;
    this.#gateway ??= await this.#selectGatewayHead();
    this.#gatewayMoved = true;
    return this.#gateway;
  }

  /** The head of a chain, to read from. */
  async head(session: string): Promise<Head | undefined> {
    if (session === GATEWAY_CHAIN) return this.#gateway ?? this.#selectGatewayHead();
    return (await this.find(session))?.head;
  }

  /** Every chain's head, as the database will have it. */
  async heads(): Promise<ReadonlyMap<string, Head>> {
    const heads = new Map<string, Head>([[GATEWAY_CHAIN, this.#gateway ?? (await this.#selectGatewayHead())]]);
    for (const row of await this.which('')) heads.set(row.id, row.head);
    return heads;
  }

  /** Writes what moved and says how it stands now. */
  async flush(): Promise<readonly Known[]> {
    for (const row of this.#moved) {
      const { head, inFlight, busySince, chargedSince, touchedAt, contentBytes } = row;
      const [used, labels] = [JSON.stringify(row.used), JSON.stringify(row.labels)];
      await this.#sql.run(
        `UPDATE session SET used = ?, labels = ?, in_flight = ?, busy_since = ?, charged_since = ?, touched_at = ?,
           head = ?, hash = ?, seq = ?, content_bytes = ? WHERE id = ?`,
        ...[used, labels, inFlight, busySince ?? null, chargedSince ?? null, touchedAt],
        ...[head.entry, head.hash, head.seq, contentBytes, row.id],
      );
    }
    if (this.#gatewayMoved && this.#gateway !== undefined) {
      const { entry, hash, seq } = this.#gateway;
      await this.#sql.run('UPDATE ledger SET head = ?, hash = ?, seq = ?', entry, hash, seq);
    }
    const told = new Set([...this.#moved, ...this.#told]);
    this.#moved.clear();
    this.#told.clear();
    this.kept.written();
    this.#gatewayMoved = false;
    return [...told].map(knownOf);
  }

  /** After a rollback or a foreign write: memory may not be what the database says. */
  forget(): void {
    this.#rows.clear();
    this.#moved.clear();
    this.#told.clear();
    this.kept.forget();
    this.#gateway = undefined;
    this.#gatewayMoved = false;
  }

  /** Keeps memory bounded. Between transactions only. */
  trim(): void {
    if (this.#rows.size > MOST_ROWS) this.forget();
    this.kept.trim();
  }

  async #read(id: string): Promise<SessionRow | undefined> {
    const stored = await this.#sql.one(`SELECT * FROM session WHERE id = ?${this.#sql.toChange}`, id);
    return stored === undefined ? undefined : this.hold(rowOf(stored));
  }

  async #readKnown(id: string): Promise<SessionRow> {
    const row = await this.#read(id);
    if (row === undefined) throw new LedgerFault(`The ledger knows no session ${id}.`);
    return row;
  }

  async #selectGatewayHead(): Promise<Head> {
    const row = (await this.#sql.one(`SELECT head, hash, seq FROM ledger${this.#sql.toChange}`)) as
      | { head: number; hash: string; seq: number }
      | undefined;
    if (row === undefined) throw new LedgerFault('The ledger lost the head of its gateway chain.');
    return { entry: row.head, hash: row.hash, seq: row.seq };
  }
}
