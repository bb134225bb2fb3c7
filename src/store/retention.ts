/** How sessions leave the ledger: their contents first, their chains later. Each step is one transaction. */
import { GATEWAY_CHAIN } from '../domain/journal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Archiving, Due, DueBy } from '../domain/retention.ts';
import { isOver } from '../domain/session.ts';
import { stateAt } from './hold-row.ts';
import type { Operations } from './operations.ts';
import { isErased, type SessionRow } from './session-row.ts';
import { type Store, write } from './store.ts';

export const due = async (store: Store, { content, sessions }: DueBy): Promise<Due> => ({
  archive: await store.sessions.toArchive(content ?? Number.MIN_SAFE_INTEGER),
  remove: sessions === undefined ? [] : await store.sessions.toRemove(sessions),
});

/** Judges everything first: a session that is refused is left as it was. */
export async function archive(store: Store, archiving: Archiving): Promise<Result<void, string>> {
  const { session, by, why, at } = archiving;
  const row = await store.sessions.find(session);
  if (row === undefined) return refuse(`There is no session ${session}.`);
  const bar = await barOf(store, row, archiving);
  if (bar !== undefined) return refuse(bar);
  const { state: from, head } = row;
  const lastAt = (await store.chains.lastAt(head)) ?? at;
  await store.chains.removeContents(head, session);
  await store.sessions.erase(row, lastAt);
  await store.sessions.setState(row, 'archived');
  const body = { state: 'archived', by, why, export: archiving.export };
  await write(store, session, 'state', undefined, at, { verb: 'archive', from, to: 'archived', ...body });
  const { seq: count, hash } = row.head;
  await write(store, GATEWAY_CHAIN, 'state', undefined, at, { session, ...body, count, head: hash });
  return ok(undefined);
}

/** Why nothing of this session may be erased now, if so. */
async function barOf(store: Store, row: SessionRow, { head, at }: Archiving): Promise<string | undefined> {
  if (isErased(row)) return `The session ${row.id} is archived already.`;
  if (!isOver(row)) return `The session is ${row.state}; only a session that is completed or expired can be archived.`;
  if (row.inFlight > 0) return 'A call of this session is still in flight.';
  const pending = (await store.holds.pending(row.lineage)).filter((hold) => hold.session === row.id);
  if (pending.some((hold) => stateAt(hold, at) !== 'lapsed')) return 'A call of this session still waits for a person.';
  const same = row.head.seq === head.seq && row.head.hash === head.hash;
  return same ? undefined : 'The session has gone on since it was exported.';
}

export async function remove(
  store: Store,
  { session, at }: Operations['remove']['ask'],
): Promise<Result<void, string>> {
  const row = await store.sessions.find(session);
  if (row === undefined) return refuse(`There is no session ${session}.`);
  if (!isErased(row)) return refuse(`The session is ${row.state}; only one that was archived can be removed.`);
  // What it may no more do, those that follow it may not either.
  if ((await store.sessions.following(row.lineage)) > 0) return refuse('A session that follows this one is not over.');
  const { seq: count, hash: head } = row.head;
  await store.chains.remove(row.head, session);
  await store.calls.remove(row);
  await store.holds.remove(row);
  await store.sessions.remove(row);
  await write(store, GATEWAY_CHAIN, 'state', undefined, at, { session, state: 'removed', count, head });
  return ok(undefined);
}
