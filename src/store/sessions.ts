/** Sessions: opening implicit ones, changing their state, and what happens to those that grow too old. */
import { type Overdrawn, SESSIONS } from '../domain/budget.ts';
import { GATEWAY_CHAIN } from '../domain/journal.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { Asking } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { OverQuota } from '../domain/retention.ts';
import { isAged, SESSION_VERBS, type Session, type SessionKey, type SessionVerb } from '../domain/session.ts';
import { decisionsOf, stateAt } from './hold-row.ts';
import { lapse } from './holds.ts';
import type { Change, Known, Operations } from './operations.ts';
import { overQuota } from './room.ts';
import { ownerKey } from './session-identity.ts';
import { knownOf, type SessionRow, sessionOf } from './session-row.ts';
import { newId, type Store, write } from './store.ts';

/**
 * The live session of this key; opened, in its own chain and in the gateway's, where there is none. One that is too old
 * expires here, and whichever expired is followed by what is opened.
 */
export async function enter(
  store: Store,
  { key, at, maxAge, mostSessions }: Operations['enter']['ask'],
): Promise<Result<Known, Overdrawn | OverQuota>> {
  const live =
    (await store.sessions.live(key)) ?? (mostSessions === undefined ? undefined : await liveAlone(store, key));
  if (live !== undefined && !isAged(live, maxAge, at)) return ok(knownOf(store.sessions.tell(live)));
  if (live !== undefined) {
    await outgrow(store, live, maxAge, at);
    await close(store, live, at);
  }
  const over = (await tooMany(store, key, mostSessions)) ?? (await noRoom(store, key));
  if (over !== undefined) return refuse(over);
  const follows = live ?? (await store.sessions.unfollowed(key));
  return ok(knownOf(await open(store, key, follows, at)));
}

/** Looks again once nobody else can open a session of this principal: somebody may just have opened this very one. */
async function liveAlone(store: Store, key: SessionKey): Promise<SessionRow | undefined> {
  await store.sessions.lockOwner(key);
  return store.sessions.live(key);
}

/**
 * Where the principal of `key` has `most` live sessions under its profile. Until the transaction ends nobody else opens one:
 * whatever opens a session for a principal asks this first.
 */
export async function tooMany(store: Store, key: SessionKey, most: number | undefined): Promise<Overdrawn | undefined> {
  if (most === undefined) return undefined;
  await store.sessions.lockOwner(key);
  const used = await store.sessions.countLive(key);
  return used < most ? undefined : { kind: SESSIONS, used, cap: most };
}

/** Where nothing new may be kept of the principal of `key`. Entering a session that is there takes no room. */
export async function noRoom(store: Store, { principal }: SessionKey): Promise<OverQuota | undefined> {
  const quota = await overQuota(store, ownerKey(principal));
  return quota === undefined ? undefined : { quota };
}

async function open(store: Store, key: SessionKey, follows: SessionRow | undefined, at: number): Promise<SessionRow> {
  const id = newId('s');
  const wrappedKey = store.contents.newKey(id);
  const row = await store.sessions.open({ id, owner: key, state: 'running', named: false, follows, at, wrappedKey });
  const principal = key.principal as unknown as JsonValue;
  const taken: JsonObject =
    follows === undefined ? {} : { follows: follows.id, labels: row.labels, used: { ...row.used } };
  await write(store, id, 'opened', undefined, at, {
    principal,
    profile: key.profile,
    folder: key.folder,
    ...taken,
  });
  await write(store, GATEWAY_CHAIN, 'opened', undefined, at, { session: id });
  return row;
}

/** Applies a verb. */
export async function change(store: Store, { session, verb, by, why, at }: Change): Promise<Result<Session, string>> {
  const row = await store.sessions.find(session);
  if (row === undefined) return refuse(`There is no session ${session}.`);
  if (verb === 'archive') return refuse('A session is archived with its export: tollgate session archive, or the API.');
  const { from } = SESSION_VERBS[verb];
  if (!from.some((state) => state === row.state)) {
    return refuse(`The session is ${row.state}; only a session that is ${from.join(' or ')} can do this.`);
  }
  await apply(store, row, { verb, by, why, at });
  if (verb === 'pause') await voidAnswered(store, row, at);
  if (verb === 'complete' || verb === 'expire') {
    await voidHolds(store, row, at);
    await close(store, row, at);
  }
  return ok(sessionOf(row));
}

/** Sets the state that a verb leads to, and says in the session's chain who did it and why. */
export async function apply(
  store: Store,
  row: SessionRow,
  { verb, by, why, at }: { readonly verb: SessionVerb; readonly by: string; readonly why: string; readonly at: number },
): Promise<void> {
  const from = row.state;
  const { to } = SESSION_VERBS[verb];
  await store.sessions.setState(row, to, at);
  store.changed.add('sessions').add(`session:${row.id}`);
  await write(store, row.id, 'state', undefined, at, { verb, from, to, by, why });
}

/** Notes in the gateway chain how long the chain of a session that ends is. */
async function close(store: Store, { id, state, head }: SessionRow, at: number): Promise<void> {
  const { seq, hash } = head;
  await write(store, GATEWAY_CHAIN, 'state', undefined, at, { session: id, state, count: seq, head: hash });
}

async function voidHolds(store: Store, { id, lineage }: SessionRow, at: number): Promise<void> {
  for (const hold of await store.holds.pending(lineage)) await lapse(store, id, hold.id, 'the session is over', at);
}

/**
 * What was approved before a pause, wholly or by some, was approved by people who did not know what it was paused for: it is asked
 * anew after it. What is still open stays, and an answer that is given during the pause counts.
 */
async function voidAnswered(store: Store, { id, lineage }: SessionRow, at: number): Promise<void> {
  for (const hold of await store.holds.pending(lineage))
    if (decisionsOf(hold).length > 0 && stateAt(hold, at) !== 'lapsed')
      await lapse(store, id, hold.id, 'the session was paused', at);
}

/** What waits for a person in an implicit session stays: its successor takes it over. A named session has none. */
async function outgrow(store: Store, row: SessionRow, maxAge: number | undefined, at: number): Promise<void> {
  const why = `it is older than max_age, ${(maxAge ?? 0) / 1_000} s`;
  await apply(store, row, { verb: 'expire', by: 'tollgate', why, at });
  if (row.named) await voidHolds(store, row, at);
}

/** The gateway chain comes last, so that whoever waits for it holds no session that is still to be locked. */
export async function expireAged(store: Store, { limits, at }: Operations['expireAged']['ask']): Promise<string[]> {
  const aged: SessionRow[] = [];
  for (const { profile, maxAge } of limits) {
    for (const row of await store.sessions.aged(profile, at - maxAge)) {
      await outgrow(store, row, maxAge, at);
      aged.push(row);
    }
  }
  for (const row of aged) await close(store, row, at);
  return aged.map(({ id }) => id);
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
