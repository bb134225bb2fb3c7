/** Replicas: what becomes of the calls of a dead one, who has which connection, and what they write to each other. */
import { NO_FIELDS } from '../domain/history.ts';
import { LedgerFault } from '../domain/ports.ts';
import type { UnderWay } from '../domain/replicas.ts';
import { end } from './calls.ts';
import type { Leasing, Operations, Posting } from './operations.ts';
import type { CallRow } from './rows/call-rows.ts';
import type { Store } from './store.ts';

/**
 * Gives up replicas whose time has passed, and settles every call in flight that belongs to a process that is gone. Its
 * runtime ends at its deadline, when no living process would have waited for it any more, or now if that is sooner.
 */
export async function recover(store: Store, { at, own }: Operations['recover']['ask']): Promise<number> {
  if (store.role !== 'owner') throw new LedgerFault('Only an owner of the ledger may recover its calls.');
  await store.replicas.giveUp();
  const lost = (await held(store, await store.calls.lost(own))).map((row) => ({
    row,
    endedAt: Math.min(at, row.deadline),
  }));
  lost.sort((one, other) => one.endedAt - other.endedAt);
  for (const { row, endedAt } of lost) {
    await end(store, row, {
      at,
      endedAt,
      outcome: 'unknown',
      fields: NO_FIELDS,
      unspent: {},
      body: { recovered: true },
      recorded: undefined,
    });
  }
  return lost.length;
}

/** Those that are still open once their sessions are held: one that woke up may have settled its own meanwhile. */
async function held(store: Store, rows: readonly CallRow[]): Promise<readonly CallRow[]> {
  for (const session of [...new Set(rows.map((row) => row.session))].toSorted()) await store.sessions.get(session);
  const open: CallRow[] = [];
  for (const { id } of rows) {
    const row = await store.calls.find(id);
    if (row?.outcome === null) open.push(row);
  }
  return open;
}

/** Who has the lease now: the asker where nobody who lives has it. */
export async function lease(store: Store, leasing: Leasing): Promise<string> {
  const holder = await store.replicas.lease(leasing);
  if (holder === leasing.replica || (await store.replicas.stillLives(holder))) return holder;
  await store.replicas.passOn(leasing);
  return leasing.replica;
}

export async function release(store: Store, leasing: Leasing): Promise<undefined> {
  await store.replicas.release(leasing);
}

export async function underWay(store: Store, call: string): Promise<UnderWay | undefined> {
  const row = await store.calls.find(call);
  if (row === undefined || row.outcome !== null || !(await store.replicas.isLiving(row.replica))) return undefined;
  const { replica, session, target, digest, intent: entry, deadline } = row;
  return { replica, session, target, digest, entry, deadline };
}

export async function post(store: Store, posting: Posting): Promise<undefined> {
  await store.relay.insert(posting);
  store.changed.add(`relay:${posting.to}`);
}
