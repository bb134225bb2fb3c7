/** The operations of the ledger by name, each over one transaction's view of the tables. */
import type { Intent } from '../domain/ports.ts';
import { accept } from './acceptances.ts';
import { approvedBefore } from './approved-holds.ts';
import { commit, content, recorded, settle } from './calls.ts';
import { create, describe, sessions } from './descriptions.ts';
import { outline, passages, policies } from './exports.ts';
import { resolve, unknown, unknowns } from './findings.ts';
import { unmet } from './history.ts';
import { decide, hold, holds, place, withdraw } from './holds.ts';
import { addEvent, calls, events, holdsOf, madeCall, report } from './memory.ts';
import type { Ask, OperationName, Operations } from './operations.ts';
import { asked, entries, sessionsPage } from './records.ts';
import { lease, post, recover, release, underWay } from './replicas.ts';
import { archivable, archive, due, remove } from './retention.ts';
import { knownOf } from './session-row.ts';
import { ask, change, enter, expireAged } from './sessions.ts';
import type { Awaitable } from './sql.ts';
import { barred, lift, stop } from './stops.ts';
import { append, type Store } from './store.ts';
import { subscribe, take, unsubscribe } from './told.ts';

type Performers = {
  readonly [Name in OperationName]: (
    store: Store,
    ask: Operations[Name]['ask'],
  ) => Awaitable<Operations[Name]['answer']>;
};

const PERFORM: Performers = {
  enter,
  create,
  describe,
  find: async (store, { key }) => {
    const row = await store.sessions.live(key);
    return row === undefined ? undefined : knownOf(row);
  },
  look: async (store, { session }) => {
    const row = await store.sessions.find(session);
    return row === undefined ? undefined : knownOf(row);
  },
  sessions: (store, { at }) => sessions(store, at),
  expireAged,
  change,
  commit,
  settle,
  recorded: (store, { call }) => recorded(store, call),
  unknowns: (store, { open }) => unknowns(store, open),
  unknown: (store, { call }) => unknown(store, call),
  resolve,
  append,
  unmet,
  ask,
  place,
  hold: (store, { id, at }) => hold(store, id, at),
  holds: (store, { open, at }) => holds(store, open, at),
  decide: (store, { id, decision }) => decide(store, id, decision),
  withdraw: (store, { id, at }) => withdraw(store, id, at),
  stop,
  lift,
  stops: (store, { standing }) => (standing ? store.stops.standing() : store.stops.all()),
  barred,
  states: (store, { sessions }) => store.sessions.states(sessions),
  addEvent,
  report,
  events: (store, { session, after }) => events(store, session, after),
  calls: (store, { session, before }) => calls(store, session, before),
  madeCall: (store, { session, call }) => madeCall(store, session, call),
  approvedBefore: (store, { at, ...like }) => approvedBefore(store, like, at),
  holdsOf: (store, { session, at }) => holdsOf(store, session, at),
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
  awaiting: (store, { at }) => store.told.awaiting(at),
  told: (store) => store.told.all(),
  take,
  ended: async (store, ending) => {
    await store.told.end(ending);
  },
  over: (store, { at }) => store.told.takeOver(at),
  subscriptions: (store, { at }) => store.pushes.all(at),
  subscribe,
  unsubscribe,
  journal: async (store, { session }) => {
    const head = await store.sessions.head(session);
    return head === undefined ? [] : store.chains.walk(head, session);
  },
  sessionsPage,
  entries,
  asked,
  content: (store, { call, part }) => content(store, call, part),
  verify: async (store) => store.chains.verify(await store.sessions.heads()),
  outline,
  passages,
  policies,
  due,
  archivable,
  archive,
  remove,
};

/** They change nothing. */
export const READS: ReadonlySet<OperationName> = new Set<OperationName>([
  'find',
  'look',
  'sessions',
  'describe',
  'recorded',
  'unknowns',
  'unknown',
  'unmet',
  'hold',
  'holds',
  'stops',
  'barred',
  'states',
  'events',
  'calls',
  'madeCall',
  'approvedBefore',
  'holdsOf',
  'accepted',
  'leased_but_over',
  'living',
  'under_way',
  'letters',
  'awaiting',
  'told',
  'subscriptions',
  'journal',
  'sessionsPage',
  'entries',
  'asked',
  'content',
  'verify',
  'outline',
  'passages',
  'policies',
  'due',
  'archivable',
]);
const ALWAYS_DURABLE: ReadonlySet<OperationName> = new Set<OperationName>([
  'enter',
  'create',
  'change',
  'expireAged',
  'place',
  'decide',
  'withdraw',
  'resolve',
  'stop',
  'lift',
  'addEvent',
  'report',
  'accept',
  'recover',
  'take',
  'ended',
  'over',
  'subscribe',
  'unsubscribe',
  'archive',
  'remove',
]);

/** Whether what an operation changes must be on the disk before it is answered. To be asked before it is performed. */
export function mustBeDurable([name, ask]: Ask, store: Store): boolean {
  if (name === 'commit') return ask.effect !== 'read' || mayRaise(ask, store);
  if (name === 'settle') return store.calls.ownEffect(ask.call) !== 'read';
  return ALWAYS_DURABLE.has(name);
}

/** Labels only rise: where memory has them all, so has the database. */
function mayRaise({ session, labels }: Intent, store: Store): boolean {
  if (labels.length === 0) return false;
  const held = store.sessions.held(session)?.labels;
  return held === undefined || labels.some((label) => !held.includes(label));
}

/** Performs one operation within the transaction that `store` stands for. */
export const perform = ([name, asked]: Ask, store: Store): Awaitable<unknown> =>
  (PERFORM[name] as (store: Store, asked: Ask[1]) => Awaitable<unknown>)(store, asked);
