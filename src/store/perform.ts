/** The operations of the ledger by name, each over one transaction's view of the tables. */
import { accept } from './acceptances.ts';
import { commit, content, recorded, settle } from './calls.ts';
import { unmet } from './history.ts';
import { decide, hold, holds, place } from './holds.ts';
import type { Ask, OperationName, Operations } from './operations.ts';
import { lease, post, recover, release, underWay } from './replicas.ts';
import { knownOf } from './session-row.ts';
import { ask, change, enter } from './sessions.ts';
import type { Awaitable } from './sql.ts';
import { append, type Store } from './store.ts';

type Performers = {
  readonly [Name in OperationName]: (
    store: Store,
    ask: Operations[Name]['ask'],
  ) => Awaitable<Operations[Name]['answer']>;
};

const PERFORM: Performers = {
  enter: (store, { key, at }) => enter(store, key, at),
  find: async (store, { key }) => {
    const row = await store.sessions.live(key);
    return row === undefined ? undefined : knownOf(row);
  },
  look: async (store, { session }) => {
    const row = await store.sessions.find(session);
    return row === undefined ? undefined : knownOf(row);
  },
  sessions: async (store) => (await store.sessions.all()).map(knownOf),
  change,
  commit,
  settle,
  recorded: (store, { call }) => recorded(store, call),
  append,
  unmet,
  ask,
  place,
  hold: (store, { id, at }) => hold(store, id, at),
  holds: (store, { open, at }) => holds(store, open, at),
  decide: (store, { id, decision }) => decide(store, id, decision),
  accepted: (store, { profile, file }) => store.acceptances.newest(profile, file),
  accept,
  recover,
  lease,
  release,
  leased_but_over: (store, { replica }) => store.replicas.leasedButOver(replica),
  living: (store) => store.replicas.living(),
  under_way: (store, { call }) => underWay(store, call),
  post,
  letters: (store, { replica }) => store.relay.to(replica),
  clear: (store, { rows }) => store.relay.remove(rows),
  journal: async (store, { session }) => {
    const head = await store.sessions.head(session);
    return head === undefined ? [] : store.chains.walk(head, session);
  },
  content: (store, { call, part }) => content(store, call, part),
  verify: async (store) => store.chains.verify(await store.sessions.heads()),
};

/** They change nothing. */
export const READS: ReadonlySet<OperationName> = new Set<OperationName>([
  'find',
  'look',
  'sessions',
  'recorded',
  'unmet',
  'hold',
  'holds',
  'accepted',
  'leased_but_over',
  'living',
  'under_way',
  'letters',
  'journal',
  'content',
  'verify',
]);
/** What they change is on the disk before they are answered. */
export const ALWAYS_DURABLE: ReadonlySet<OperationName> = new Set<OperationName>([
  'enter',
  'change',
  'place',
  'decide',
  'accept',
  'recover',
]);

/** Performs one operation within the transaction that `store` stands for. */
export const perform = ([name, asked]: Ask, store: Store): Awaitable<unknown> =>
  (PERFORM[name] as (store: Store, asked: Ask[1]) => Awaitable<unknown>)(store, asked);
