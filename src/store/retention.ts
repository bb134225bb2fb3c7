/** How sessions leave the ledger: their contents first, their chains later. Each step is one transaction. */
import { GATEWAY_CHAIN } from '../domain/journal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Archiving, Due, DueBy } from '../domain/retention.ts';
import { isOver } from '../domain/session.ts';
import { stateAt } from './hold-row.ts';
import type { Operations } from './operations.ts';
import { isErased, type SessionRow } from './session-row.ts';
import { type Store, write } from './store.ts';

export const due = async (store: Store, { content, sessions, at }: DueBy): Promise<Due> => ({
  archive: content === undefined ? [] : await store.leaving.toArchive(content, at),
  remove: sessions === undefined ? [] : await store.leaving.toRemove(sessions),
});

export async function archivable(
  store: Store,
  { session, at }: Operations['archivable']['ask'],
): Promise<Result<void, string>> {
  const found = await toBeArchived(store, session, at);
  return found.ok ? ok(undefined) : found;
}

/** Judges everything first: a session that is refused is left as it was. */
export async function archive(store: Store, archiving: Archiving): Promise<Result<void, string>> {
  const { session, by, why, at } = archiving;
  const found = await toBeArchived(store, session, at);
  if (!found.ok) return found;
  const row = found.value;
  const { state: from, head } = row;
  if (head.seq !== archiving.head.seq || head.hash !== archiving.head.hash)
    return refuse('The session has gone on since it was exported.');
  await store.chains.removeContents(head, session);
  await store.sessions.erase(row);
  await store.sessions.setState(row, 'archived', at);
  store.changed.add('sessions').add(`session:${session}`);
  const body = { state: 'archived', by, why, export: archiving.export };
  await write(store, session, 'state', undefined, at, { verb: 'archive', from, to: 'archived', ...body });
  const { seq: count, hash } = row.head;
  await write(store, GATEWAY_CHAIN, 'state', undefined, at, { session, ...body, count, head: hash });
  return ok(undefined);
}

async function toBeArchived(store: Store, session: string, at: number): Promise<Result<SessionRow, string>> {
  const row = await store.sessions.find(session);
  if (row === undefined) return refuse(`There is no session ${session}.`);
  const bar = await barOf(store, row, at);
  return bar === undefined ? ok(row) : refuse(bar);
}

/** Why nothing of this session may be erased now, if so. */
async function barOf(store: Store, row: SessionRow, at: number): Promise<string | undefined> {
  if (isErased(row)) return `The session ${row.id} is archived already.`;
  if (!isOver(row)) return `The session is ${row.state}; only a session that is completed or expired can be archived.`;
  // The one that follows it has the count of its calls in flight.
  if (row.inFlight > 0 || (await store.calls.areInFlight(row))) return 'A call of this session is still in flight.';
  if (await store.leaving.isLive(row.lineage))
    return 'A session that follows this one is not over, and shows what is kept.';
  const pending = await store.holds.pending(row.lineage);
  const waits = pending.some((hold) => stateAt(hold, at) !== 'lapsed');
  return waits ? 'A call of this session still waits for a person.' : undefined;
}

export async function remove(
  store: Store,
  { session, at }: Operations['remove']['ask'],
): Promise<Result<void, string>> {
  const row = await store.sessions.find(session);
  if (row === undefined) return refuse(`There is no session ${session}.`);
  if (!isErased(row)) return refuse(`The session is ${row.state}; only one that was archived can be removed.`);
  // What it may no more do, those that follow it may not either.
  if (await store.leaving.goesOn(row.lineage))
    return refuse('A session follows this one and is not over, or will where its agent comes back.');
  const { seq: count, hash: head } = row.head;
  await store.chains.remove(row.head, session);
  await store.calls.remove(row);
  await store.holds.remove(row);
  await store.events.remove(row);
  await store.replicas.releaseAll(session);
  await store.sessions.remove(row);
  await write(store, GATEWAY_CHAIN, 'state', undefined, at, { session, state: 'removed', count, head });
  return ok(undefined);
}
