/** Holds: finding the one of a call, placing one, and recording a person's answer. */
import { type Decision, type Hold, OPEN_HOLDS_PER_SESSION, USE_WITHIN } from '../domain/hold.ts';
import type { JsonObject } from '../domain/json.ts';
import { LedgerFault, type Placed, type Placing } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type HoldRow, holdOf, stateAt } from './hold-rows.ts';
import { newId, type Store, write } from './store.ts';

/** So many denials close a tool for the rest of the session. */
const DENIALS_CLOSE = 3;

/** Read top to bottom; the first that applies is the answer. */
export function place(store: Store, placing: Placing): Placed {
  const { session, target, digest, at } = placing;
  const rows = store.holds.ofCall(placing);
  const denied = rows.find((row) => row.state === 'denied');
  if (denied !== undefined) return found(store, denied, at);
  if (store.holds.denials(session, target) >= DENIALS_CLOSE) {
    return { found: 'closed', why: `People denied ${target} ${DENIALS_CLOSE} times in this session` };
  }
  const running = placing.effect === 'read' ? undefined : store.calls.identical(session, target, digest);
  if (running !== undefined) return { found: 'call', call: running };
  const bound = rows.filter((row) => row.binding === placing.binding);
  const approved = bound.find((row) => stateAt(row, at) === 'approved');
  if (approved !== undefined) return found(store, approved, at);
  const ran = ranOf(store, rows, at);
  if (ran !== undefined) return { found: 'call', call: ran };
  const open = bound.find((row) => stateAt(row, at) === 'open');
  if (open !== undefined) return found(store, open, at);
  return placeNew(store, placing, rows);
}

/** Voids what is bound otherwise, since a rule, the pin or a need changed, and asks anew. */
function placeNew(store: Store, placing: Placing, rows: readonly HoldRow[]): Placed {
  const { session, at, call } = placing;
  const outdated = rows.filter((row) => row.state === 'open' || row.state === 'approved');
  for (const row of outdated) {
    if (stateAt(row, at) !== 'lapsed') lapse(store, session, row.id, 'what the call is bound to changed', at);
  }
  const owner = store.sessions.get(session);
  if (owner.state !== 'running' && owner.state !== 'paused') {
    return { found: 'closed', why: `This session is ${owner.state}` };
  }
  const open = store.holds.pending(session).filter((row) => stateAt(row, at) === 'open').length;
  if (open >= OPEN_HOLDS_PER_SESSION) {
    return { found: 'closed', why: `${open} calls of this session already wait for a person` };
  }
  const id = newId('h');
  const entry = write(store, session, 'held', call, at, heldBody(id, placing));
  store.contents.keep(owner, entry, placing.canonical, placing.agentReason);
  return found(store, store.holds.insert(id, placing, entry), at);
}

/** Makes a hold void and says so in the journal. */
export function lapse(store: Store, session: string, hold: string, why: string, at: number): void {
  store.holds.lapse(hold);
  write(store, session, 'held', undefined, at, { hold, state: 'lapsed', why });
  store.changed.add(`hold:${hold}`);
}

const heldBody = (hold: string, { target, digest, binding, effect, rules, pin, needs }: Placing): JsonObject => ({
  hold,
  state: 'open',
  target,
  digest,
  binding,
  effect,
  rules,
  pin,
  needs: needs.map((need) => need.rule),
});

/** The call that ran lately on one of these holds. */
export const ranOf = (store: Store, rows: readonly HoldRow[], at: number): string | undefined =>
  rows.find((row) => ranLately(store, row, at))?.used_by ?? undefined;

/** Whether the call that used this grant is in flight, or ran less than `USE_WITHIN` ago. One never sent did not run. */
function ranLately(store: Store, row: HoldRow, at: number): boolean {
  const call = row.used_by === null ? undefined : store.calls.find(row.used_by);
  if (call === undefined || call.outcome === 'not_sent') return false;
  return call.settled_at === null || at < call.settled_at + USE_WITHIN;
}

const found = (store: Store, row: HoldRow, at: number): Placed => ({ found: 'hold', hold: whole(store, row, at) });

/** With its effective arguments and the agent's reason, decrypted. */
function whole(store: Store, row: HoldRow, at: number): Hold {
  const session = store.sessions.get(row.session);
  const text = store.contents.read(session, row.entry);
  if (text === undefined) throw new LedgerFault(`The arguments of the hold ${row.id} are gone from the ledger.`);
  return holdOf(row, JSON.parse(text) as JsonObject, store.contents.readReason(session, row.entry), at);
}

export function hold(store: Store, id: string, at: number): Hold | undefined {
  const row = store.holds.find(id);
  return row === undefined ? undefined : whole(store, row, at);
}

/** `open` leaves those that a person can still answer; otherwise all. The newest first. */
export const holds = (store: Store, open: boolean, at: number): readonly Hold[] =>
  store.holds.list(open, at).map((row) => whole(store, row, at));

/** Only an open hold can be answered, once. An approval lives for `USE_WITHIN` from the answer. */
export function decide(store: Store, id: string, decision: Decision): Result<Hold, string> {
  const row = store.holds.find(id);
  if (row === undefined) return refuse(`There is no hold ${id}.`);
  const { at, verdict, by, because, nonce, kid, signature } = decision;
  const state = stateAt(row, at);
  if (state === 'lapsed') return refuse(`The hold ${id} has lapsed: the call must be made again.`);
  if (state !== 'open') return refuse(`The hold ${id} is already ${state}.`);
  const approves = verdict === 'approve';
  store.holds.answer(id, approves ? 'approved' : 'denied', decision, approves ? at + USE_WITHIN : row.expires_at);
  const body = { hold: id, binding: row.binding, verdict, by, because, nonce, kid, signature };
  write(store, row.session, 'decided', undefined, at, body);
  store.changed.add(`hold:${id}`);
  return ok(whole(store, store.holds.find(id) ?? row, at));
}
