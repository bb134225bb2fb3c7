/** Stops: what people stop and lift, and what bars a session or a server now. */
import { GATEWAY_CHAIN } from '../domain/journal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type Bar, barOf, type Stop, type Stopping, stopOf } from '../domain/stop.ts';
import type { Barring, Lifting } from './operations.ts';
import { newId, type Store, write } from './store.ts';

/** Where a stop is journalled, and what of it follows from there. */
type Bound = Pick<Stop, 'lineage' | 'same'> & { readonly chain: string };

/** Stands from the end of this transaction on. Refuses where there is no such session or call. */
export async function stop(store: Store, stopping: Stopping): Promise<Result<Stop, string>> {
  await store.stops.alone();
  const bound = await boundOf(store, stopping);
  if (!bound.ok) return bound;
  const { chain, ...of } = bound.value;
  const { kind, key, by, why, at } = stopping;
  const made: Stop = { id: newId('st'), kind, key, by, why, at, ...of, lifted: undefined };
  await store.stops.insert(made);
  await write(store, chain, 'stopped', kind === 'call' ? key : undefined, at, { stop: made.id, kind, key, by, why });
  store.changed.add('stops');
  return ok(made);
}

/** A stop is lifted once, by a person who says why. */
export async function lift(store: Store, { id, by, why, at }: Lifting): Promise<Result<Stop, string>> {
  await store.stops.alone();
  const found = await store.stops.find(id);
  if (found === undefined) return refuse(`There is no stop ${id}.`);
  if (found.lifted !== undefined) return refuse(`The stop ${id} is lifted already.`);
  await store.stops.lift(id, { by, why, at });
  const bound = await boundOf(store, found);
  const chain = bound.ok ? bound.value.chain : GATEWAY_CHAIN;
  await write(store, chain, 'lifted', undefined, at, { stop: id, by, why });
  store.changed.add('stops');
  return ok({ ...found, lifted: { by, why, at } });
}

async function boundOf(store: Store, { kind, key }: Pick<Stopping, 'kind' | 'key'>): Promise<Result<Bound, string>> {
  if (kind === 'session') {
    const session = await store.sessions.find(key);
    if (session === undefined) return refuse(`There is no session ${key}.`);
    return ok({ chain: key, lineage: session.lineage, same: undefined });
  }
  if (kind === 'call') {
    const call = await store.calls.find(key);
    if (call === undefined) return refuse(`There is no call ${key}.`);
    const { session, lineage, target, digest } = call;
    return ok({ chain: session, lineage, same: { target, digest } });
  }
  return ok({ chain: GATEWAY_CHAIN, lineage: undefined, same: undefined });
}

/** Why nothing may be opened or fetched for this session (or for nobody's) at this server. */
export async function barred(store: Store, { session, server }: Barring): Promise<Bar | undefined> {
  const row = session === undefined ? undefined : await store.sessions.find(session);
  const bar = row && barOf(row.state);
  if (bar !== undefined) return bar;
  const standing = await store.stops.standing();
  const target = `${server}.`;
  const found =
    row === undefined
      ? standing.find(({ kind, key }) => kind === 'all' || (kind === 'server' && key === server))
      : stopOf(standing, { call: '', lineage: row.lineage, principal: row.owner.principal, target });
  return found && { reason: 'stopped', stop: found };
}
