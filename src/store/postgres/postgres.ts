/**
 * The ledger in one PostgreSQL database.
 *
 * PURPOSE. One exact record for any number of replicas, none of which is special: each may be killed at any moment, and
 * each may take the next call of any session.
 *
 * FORMAT (schema.ts). That of the file (`sqlite/sqlite.ts`), with the same chains. The numbers of journal entries come from
 * a sequence, taken while the head of the chain is locked, so that they rise along every chain.
 *
 * WHERE THE BARRIERS FALL. What is asked of one session while its last transaction is under way goes in the next one
 * (flights.ts). A transaction locks the session's row first (SELECT FOR UPDATE), reads, judges all, and writes what
 * changed together with COMMIT: one round trip to lock and read, one to write and commit, however many calls are aboard.
 * Locks are asked for in sorted order; where two transactions stand in each other's way all the same, PostgreSQL undoes
 * one and it is tried again. A promise resolves only after COMMIT, which waits for the disk except where the transaction
 * holds nothing but reads and refusals (synchronous_commit off).
 *
 * WHO LIVES. A gateway is a row that it renews (presence.ts). Once its time has passed, by the clock of the database, any
 * other may delete it (`recover`), and in the same transaction settles as `unknown` what it left in flight, and frees its
 * leases. A replica that was only frozen relies on its row for less long than the others do, sends nothing when in doubt,
 * and goes on under another name; an outcome of its that comes late is ignored.
 *
 * WHO HEARS. Each process keeps snapshots of sessions that it saw, and everything that a snapshot may say wrong is judged
 * again by `commit`, whose refusal brings a fresh one. What others must know at once (a session paused, a hold answered, a
 * call ended) travels as a notice in the transaction itself (notices.ts), so it is never told before it is true.
 */
import postgres from 'postgres';
import type { Ledger } from '../../domain/ports.ts';
import { LedgerFault } from '../../domain/ports.ts';
import { StoredLedger } from '../ledger.ts';
import type { Role } from '../operations.ts';
import { Sealing } from '../sealing.ts';
import { Snapshots } from '../snapshots.ts';
import { Waiters } from '../waiters.ts';
import { Connections, postgresOptions } from './connections.ts';
import { prepareDatabase } from './database.ts';
import { faultSentence } from './faults.ts';
import { Flights } from './flights.ts';
import { Notices } from './notices.ts';
import { Presence } from './presence.ts';
import { StoredReplicas } from './stored-replicas.ts';

export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. */
  readonly url: string;
  /** 32 bytes, the same for every replica. A ledger opens only under the key it was made with. */
  readonly contentKey: Uint8Array;
  /** What clients keep for the gateway is sealed under it: the same for every replica. Undefined for a visitor. */
  readonly sealKey?: Uint8Array;
  readonly role: Role;
}

const CONNECTIONS = 10;
/** Of a snapshot, in milliseconds: what other replicas charged since then is not in it. */
const MOST_AGE = 1_000;
/** Seconds. */
const IDLE = 20;

/** Rejects with `LedgerFault` where the database, its format or the key does not allow it. */
export async function openPostgres({ url, contentKey, sealKey, role }: PostgresOptions): Promise<Ledger> {
  if (contentKey.length !== 32) throw new LedgerFault('The content key of the ledger must be 32 bytes.');
  const name = nameOf(url);
  // What is done once at the start, and what listens: that is a connection of its own.
  const sql = postgres(url, { ...postgresOptions, max: 1, idle_timeout: IDLE });
  const own = new Connections(url, 1);
  let presence: Presence | undefined;
  try {
    const instance = await prepareDatabase(sql, name, { contentKey, sealKey }, role);
    const present = await Presence.open(own, role);
    presence = present;
    const snapshots = new Snapshots(MOST_AGE);
    const waiters = new Waiters((occupied) => occupied && flights.watch());
    const notices = new Notices(snapshots, waiters);
    await notices.listen(sql);
    const sealing = new Sealing(contentKey);
    const flights: Flights = new Flights({
      connections: new Connections(url, CONNECTIONS),
      name,
      role,
      sealing,
      landed: notices.landed,
      closing: async () => {
        snapshots.void();
        waiters.wakeAll();
        await Promise.all([present.close(), sql.end()]);
      },
      notice: notices.of,
    });
    return new StoredLedger(instance, flights, snapshots, waiters, {
      standing: () => present.standing(),
      replicas: new StoredReplicas(flights, present, sealing, waiters),
    });
  } catch (error) {
    await Promise.all([presence?.close() ?? own.end(), sql.end({ timeout: 0 })]);
    throw new LedgerFault(faultSentence(name, error));
  }
}

/** Host and database, without user and password. */
function nameOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'postgres://' : `postgres://${parsed.host}${parsed.pathname}`;
}
