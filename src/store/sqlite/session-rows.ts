/**
 * Session rows, held in memory while a batch runs and written once at its end: sixteen calls of a session cost one
 * update. Between batches they stay valid until another process writes, which the writer sees inside its transaction.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CHAIN_START, GATEWAY_CHAIN } from '../../domain/journal.ts';
import { LedgerFault } from '../../domain/ports.ts';
import type { SessionKey, SessionState } from '../../domain/session.ts';
import type { Head } from '../chain.ts';
import type { Known } from '../operations.ts';
import type { SessionRows } from '../rows.ts';
import { sessionIdentity } from '../session-identity.ts';
import { knownOf, type SessionRow } from '../session-row.ts';

/** More rows than this are forgotten after a batch and read again when they are needed. */
const MOST_ROWS = 2_000;

export class SqliteSessionRows implements SessionRows {
  readonly #rows = new Map<string, SessionRow>();
  readonly #moved = new Set<SessionRow>();
  #gateway: Head | undefined;
  #gatewayMoved = false;
  readonly #byId: StatementSync;
  readonly #byIdentity: StatementSync;
  readonly #all: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #setState: StatementSync;
  readonly #selectGateway: StatementSync;
  readonly #updateGateway: StatementSync;

  constructor(db: DatabaseSync) {
    this.#byId = db.prepare('SELECT * FROM session WHERE id = ?');
    this.#byIdentity = db.prepare(
      `SELECT id FROM session WHERE identity = ? AND state IN ('created', 'running', 'paused')`,
    );
    this.#all = db.prepare('SELECT * FROM session ORDER BY row DESC');
    this.#insert = db.prepare(
      `INSERT INTO session (id, identity, principal, profile, folder, state, opened_at, content_key, used, in_flight,
         busy_since, head, hash, seq) VALUES (?, ?, ?, ?, ?, 'running', ?, ?, '{}', 0, NULL, 0, '${CHAIN_START}', 0)`,
    );
    this.#update = db.prepare(
      'UPDATE session SET used = ?, labels = ?, in_flight = ?, busy_since = ?, head = ?, hash = ?, seq = ? WHERE row = ?',
    );
    this.#setState = db.prepare('UPDATE session SET state = ? WHERE row = ?');
    this.#selectGateway = db.prepare('SELECT head, hash, seq FROM ledger');
    this.#updateGateway = db.prepare('UPDATE ledger SET head = ?, hash = ?, seq = ?');
  }

  find(id: string): SessionRow | undefined {
    const held = this.#rows.get(id);
    if (held !== undefined) return held;
    const stored = this.#byId.get(id);
    return stored === undefined ? undefined : this.#hold(stored);
  }

  /** The session of a call or hold, which is there unless a caller invented it. */
  get(id: string): SessionRow {
    const row = this.find(id);
    if (row === undefined) throw new LedgerFault(`The ledger knows no session ${id}.`);
    return row;
  }

  /** What memory knows that a session has touched; it may have touched more. Undefined where it knows nothing. */
  labelsHeld(id: string): readonly string[] | undefined {
    return this.#rows.get(id)?.labels;
  }

  live(owner: SessionKey): SessionRow | undefined {
    const row = this.#byIdentity.get(sessionIdentity(owner));
    return row === undefined ? undefined : this.find(String(row['id']));
  }

  all(): readonly SessionRow[] {
    return this.#all.all().map((stored) => this.#rows.get(String(stored['id'])) ?? rowOf(stored));
  }

  open(id: string, owner: SessionKey, at: number, wrappedKey: Uint8Array): SessionRow {
    const principal = JSON.stringify(owner.principal);
    this.#insert.run(id, sessionIdentity(owner), principal, owner.profile, owner.folder ?? null, at, wrappedKey);
    return this.get(id);
  }

  setState(row: SessionRow, state: SessionState): void {
    row.state = state;
    this.#setState.run(state, row.row);
    this.#moved.add(row);
  }

  move(row: SessionRow): SessionRow {
    this.#moved.add(row);
    return row;
  }

  headToMove(session: string): Head {
    if (session !== GATEWAY_CHAIN) return this.move(this.get(session)).head;
    this.#gatewayMoved = true;
    this.#gateway ??= this.#selectGatewayHead();
    return this.#gateway;
  }

  head(session: string): Head | undefined {
    if (session === GATEWAY_CHAIN) return this.#gateway ?? this.#selectGatewayHead();
    return this.find(session)?.head;
  }

  heads(): ReadonlyMap<string, Head> {
    const heads = new Map<string, Head>([[GATEWAY_CHAIN, this.#gateway ?? this.#selectGatewayHead()]]);
    for (const row of this.all()) heads.set(row.id, row.head);
    return heads;
  }

  /** Writes what moved and says how it stands now. */
  flush(): readonly Known[] {
    const moved: Known[] = [];
    for (const row of this.#moved) {
      const { head } = row;
      const [used, labels] = [JSON.stringify(row.used), JSON.stringify(row.labels)];
      this.#update.run(used, labels, row.inFlight, row.busySince ?? null, head.entry, head.hash, head.seq, row.row);
      moved.push(knownOf(row));
    }
    if (this.#gatewayMoved && this.#gateway !== undefined) {
      this.#updateGateway.run(this.#gateway.entry, this.#gateway.hash, this.#gateway.seq);
    }
    this.#moved.clear();
    this.#gatewayMoved = false;
    return moved;
  }

  /** After a rollback or a foreign write: memory may not be what the file says. */
  forget(): void {
    this.#rows.clear();
    this.#moved.clear();
    this.#gateway = undefined;
    this.#gatewayMoved = false;
  }

  /** Keeps memory bounded. Between batches only. */
  trim(): void {
    if (this.#rows.size > MOST_ROWS) this.forget();
  }

  #hold(stored: Readonly<Record<string, unknown>>): SessionRow {
    const row = rowOf(stored);
    this.#rows.set(row.id, row);
    return row;
  }

  #selectGatewayHead(): Head {
    const row = this.#selectGateway.get() as { head: number; hash: string; seq: number } | undefined;
    if (row === undefined) throw new LedgerFault('The ledger lost the head of its gateway chain.');
    return { entry: row.head, hash: row.hash, seq: row.seq };
  }
}

/** The row as the schema promises it. */
interface StoredSession {
  readonly row: number;
  readonly id: string;
  readonly principal: string;
  readonly profile: string;
  readonly folder: string | null;
  readonly state: SessionState;
  readonly opened_at: number;
  readonly content_key: Uint8Array;
  readonly used: string;
  readonly labels: string;
  readonly in_flight: number;
  readonly busy_since: number | null;
  readonly head: number;
  readonly hash: string;
  readonly seq: number;
}

function rowOf(row: Readonly<Record<string, unknown>>): SessionRow {
  const stored = row as unknown as StoredSession;
  return {
    row: stored.row,
    id: stored.id,
    owner: {
      principal: JSON.parse(stored.principal) as SessionKey['principal'],
      profile: stored.profile,
      folder: stored.folder ?? undefined,
    },
    openedAt: stored.opened_at,
    wrappedKey: stored.content_key,
    key: undefined,
    head: { entry: stored.head, hash: stored.hash, seq: stored.seq },
    state: stored.state,
    labels: JSON.parse(stored.labels) as readonly string[],
    used: JSON.parse(stored.used) as Record<string, number>,
    inFlight: stored.in_flight,
    busySince: stored.busy_since ?? undefined,
  };
}
