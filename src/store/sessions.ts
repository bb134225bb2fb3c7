/** Sessions: opening them and changing their state. */
import { GATEWAY_CHAIN } from '../domain/journal.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Asking } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { SESSION_VERBS, type Session, type SessionKey } from '../domain/session.ts';
import { lapse } from './holds.ts';
import type { Change, Known } from './operations.ts';
import { knownOf, sessionOf } from './session-row.ts';
import { newId, type Store, write } from './store.ts';

/** The live session of this key; opened, in its own chain and in the gateway's, where there is none. */
export async function enter(store: Store, key: SessionKey, at: number): Promise<Known> {
  const live = await store.sessions.live(key);
  if (live !== undefined) return knownOf(store.sessions.tell(live));
  const id = newId('s');
  const row = await store.sessions.open(id, key, at, store.contents.newKey(id));
  const principal = key.principal as unknown as JsonValue;
  await write(store, id, 'opened', undefined, at, { principal, profile: key.profile, folder: key.folder });
  await write(store, GATEWAY_CHAIN, 'opened', undefined, at, { session: id });
  return knownOf(row);
}

/** Applies a verb. Completing a session voids its holds and notes in the gateway chain how long its own chain is. */
export async function change(store: Store, { session, verb, by, why, at }: Change): Promise<Result<Session, string>> {
  const row = await store.sessions.find(session);
  if (row === undefined) return refuse(`There is no session ${session}.`);
  const { from, to } = SESSION_VERBS[verb];
  if (!from.some((state) => state === row.state)) {
    return refuse(`The session is ${row.state}; only a session that is ${from.join(' or ')} can do this.`);
  }
  const before = row.state;
  await store.sessions.setState(row, to);
  store.changed.add('sessions').add(`session:${session}`);
  await write(store, session, 'state', undefined, at, { verb, from: before, to, by, why });
  if (to === 'completed') {
    for (const hold of await store.holds.pending(row.lineage))
      await lapse(store, session, hold.id, 'the session is over', at);
    const { seq, hash } = row.head;
    await write(store, GATEWAY_CHAIN, 'state', undefined, at, { session, state: to, count: seq, head: hash });
  }
  return ok(sessionOf(row));
}

/** Counts a question of a server to its client, like a charge, and journals it; or neither, where `max` were asked. */
export async function ask(store: Store, { draft, kind, max }: Asking): Promise<boolean> {
  const row = await store.sessions.get(draft.session);
  const asked = row.used[kind] ?? 0;
  if (max !== undefined && asked >= max) return false;
  row.used[kind] = asked + 1;
  await write(store, draft.session, draft.kind, draft.call, draft.at, draft.body);
  return true;
}
