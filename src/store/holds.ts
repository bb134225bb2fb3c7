/** Holds: finding the one of a call, placing one, and recording a person's answer. */

import { extensionProblem } from '../domain/extension.ts';
import { type Decision, HOLDS_PER_PRINCIPAL, type Hold, OPEN_HOLDS_PER_SESSION } from '../domain/hold.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { Placed, Placing } from '../domain/placing.ts';
import { LedgerFault } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { isOver } from '../domain/session.ts';
import { stopOf } from '../domain/stop.ts';
import { termsOf, USE_WITHIN } from '../domain/terms.ts';
import { countOne } from './counts.ts';
import { decisionsOf, type HoldRow, holdOf, needsOf, principalOf, stateAt, usesOf } from './hold-row.ts';
import { overQuota } from './room.ts';
import { isErased } from './session-row.ts';
import { isOfSameContent, keepShown, readShown } from './shown-contents.ts';
import { memoryKey, newId, type Store, write } from './store.ts';

/** So many denials close a tool for the rest of the session. */
const DENIALS_CLOSE = 3;

/** Read top to bottom; the first that applies is the answer. */
export async function place(store: Store, placing: Placing): Promise<Placed> {
  const { session, target, at } = placing;
  const { lineage } = await store.sessions.get(session);
  const rows = await store.holds.ofCall({ ...placing, lineage });
  const denied = rows.find((row) => row.state === 'denied' && isOfSameContent(row, placing));
  if (denied !== undefined) return found(store, denied, placing);
  if ((await store.holds.denials(lineage, target)) >= DENIALS_CLOSE) {
    return { found: 'closed', why: `People denied ${target} ${DENIALS_CLOSE} times in this session` };
  }
  const running = placing.effect === 'read' ? undefined : await store.calls.identical({ ...placing, lineage });
  if (running !== undefined) return { found: 'call', call: running };
  const bound = await untilStopped(
    store,
    rows.filter((row) => row.binding === placing.binding),
    at,
  );
  const approved = bound.find((row) => stateAt(row, at) === 'approved');
  if (approved !== undefined) return found(store, approved, placing);
  const ran = await ranOf(store, rows, at);
  if (ran !== undefined) return { found: 'call', call: ran };
  const open = bound.find((row) => stateAt(row, at) === 'open');
  if (open !== undefined) return found(store, open, placing);
  return placeNew(store, placing, rows);
}

/** Without what was answered before a person stopped the call or something that it is one of: that is void. */
async function untilStopped(store: Store, rows: readonly HoldRow[], at: number): Promise<readonly HoldRow[]> {
  const kept: HoldRow[] = [];
  for (const row of rows) {
    const state = stateAt(row, at);
    if ((state === 'open' || state === 'approved') && (await wasStopped(store, row)))
      await lapse(store, row.session, row.id, 'it was answered before a person stopped such calls', at);
    else kept.push(row);
  }
  return kept;
}

/**
 * Whether such calls were stopped since the first answer: whoever gave it did not know why. That holds when the stop is lifted, too,
 * as after a pause.
 */
export async function wasStopped(store: Store, row: HoldRow): Promise<boolean> {
  const since = Math.min(...decisionsOf(row).map(({ at }) => at));
  if (since === Number.POSITIVE_INFINITY) return false;
  const stops = (await store.stops.all()).filter(({ at }) => at >= since);
  const { lineage, target, digest } = row;
  return stopOf(stops, { call: '', lineage, principal: principalOf(row), target, digest }) !== undefined;
}

/** Voids what is bound otherwise, since a rule, the pin or a need changed, and asks anew. */
async function placeNew(store: Store, placing: Placing, rows: readonly HoldRow[]): Promise<Placed> {
  const { session, at, call } = placing;
  const outdated = rows.filter((row) => row.state === 'open' || row.state === 'approved');
  for (const row of outdated) {
    if (stateAt(row, at) !== 'lapsed') await lapse(store, row.session, row.id, 'what the call is bound to changed', at);
  }
  const owner = await store.sessions.get(session);
  if (isOver(owner)) {
    return { found: 'closed', why: `This session is ${owner.state}` };
  }
  const quota = await overQuota(store, owner.ownerKey);
  if (quota !== undefined) return { found: 'over_quota', quota };
  const pending = await store.holds.pending(owner.lineage);
  const open = pending.filter((row) => stateAt(row, at) === 'open').length;
  if (open >= OPEN_HOLDS_PER_SESSION) {
    return { found: 'closed', why: `${open} calls of this session already wait for a person` };
  }
  const full = await floodOf(store, owner.ownerKey, at);
  if (full !== undefined) return { found: 'closed', why: full };
  const over = countOne(owner, { kind: 'approvals', most: placing.approvals });
  if (over !== undefined) return { found: 'over_budget', overdrawn: over };
  const id = newId('h');
  const entry = await write(store, session, 'held', call, at, heldBody(id, placing));
  await store.contents.keep(owner, entry, placing.canonical, placing.agentReason);
  const shown = await keepShown(store, owner, id, placing);
  store.changed.add('holds').add(memoryKey(owner.lineage));
  return found(store, await store.holds.insert(id, placing, owner, { entry, shown }), placing);
}

/** Counted under the principal's lock, so that sessions and replicas that ask at once count together. */
async function floodOf(store: Store, owner: string, at: number): Promise<string | undefined> {
  const { most, within } = HOLDS_PER_PRINCIPAL;
  const { placed, first } = await store.holds.placedBy(owner, at - within);
  if (placed < most) return undefined;
  return `${placed} calls of all your sessions were put to people within an hour; the next can be at ${new Date(first + within).toISOString()}`;
}

/** Makes a hold void and says so in the journal. */
export async function lapse(store: Store, session: string, hold: string, why: string, at: number): Promise<void> {
  await store.holds.lapse(hold);
  await write(store, session, 'held', undefined, at, { hold, state: 'lapsed', why });
  const { lineage } = await store.sessions.get(session);
  store.changed.add(`hold:${hold}`).add('holds').add(memoryKey(lineage));
}

const heldBody = (
  hold: string,
  { target, digest, binding, effect, rules, pin, needs, shown }: Placing,
): JsonObject => ({
  hold,
  state: 'open',
  target,
  digest,
  binding,
  effect,
  rules,
  pin,
  needs: needs.map((need) => need.rule),
  ...(shown === undefined ? {} : { shown: shown.digest }),
});

/** The call that ran lately on one of these holds. */
export async function ranOf(store: Store, rows: readonly HoldRow[], at: number): Promise<string | undefined> {
  for (const row of rows) {
    for (const call of usesOf(row).toReversed()) if (await ranLately(store, call, at)) return call;
  }
  return undefined;
}

/** Whether the call that used a grant is in flight, or ran less than `USE_WITHIN` ago. One that is known not to have run did not. */
async function ranLately(store: Store, usedBy: string, at: number): Promise<boolean> {
  const call = await store.calls.find(usedBy);
  if (call === undefined || call.outcome === 'not_sent' || call.outcome === 'not_executed') return false;
  return call.settled_at === null || at < call.settled_at + USE_WITHIN;
}

/** A hold of this very call: where the session that placed it was archived, the arguments that come again are the same. */
const found = async (store: Store, row: HoldRow, { at, effective, shown }: Placing): Promise<Placed> => ({
  found: 'hold',
  hold: (await whole(store, row, at)) ?? { ...holdOf(row, effective, undefined, at), shown },
});

/** With its effective arguments, the agent's reason and what is shown, decrypted. Undefined where its session was archived. */
export async function whole(store: Store, row: HoldRow, at: number): Promise<Hold | undefined> {
  const session = await store.sessions.get(row.session);
  const text = await store.contents.read(session, row.entry);
  if (text === undefined && isErased(session)) return undefined;
  if (text === undefined) throw new LedgerFault(`The arguments of the hold ${row.id} are gone from the ledger.`);
  const reason = await store.contents.readReason(session, row.entry);
  return { ...holdOf(row, JSON.parse(text) as JsonObject, reason, at), shown: await readShown(store, session, row) };
}

export async function hold(store: Store, id: string, at: number): Promise<Hold | undefined> {
  const row = await store.holds.find(id);
  return row === undefined ? undefined : whole(store, row, at);
}

/** `open` leaves those that a person can still answer; otherwise all but those of archived sessions. The newest first. */
export async function holds(store: Store, open: boolean, at: number): Promise<readonly Hold[]> {
  const found: Hold[] = [];
  for (const row of await store.holds.list(open)) {
    if (open && stateAt(row, at) !== 'open') continue;
    const hold = await whole(store, row, at);
    if (hold !== undefined) found.push(hold);
  }
  return found;
}

/**
 * Only an open hold can be answered, by each person once. One denial ends it; the last approval that its terms ask for begins
 * the time within which it is used.
 */
export async function decide(store: Store, id: string, decision: Decision): Promise<Result<Hold, string>> {
  const row = await store.holds.find(id);
  if (row === undefined) return refuse(`There is no hold ${id}.`);
  const { at, verdict, by, because, extend, groups, nonce, proofs } = decision;
  const state = stateAt(row, at);
  if (state === 'lapsed') return refuse(`The hold ${id} has lapsed: the call must be made again.`);
  if (state !== 'open') return refuse(`The hold ${id} is already ${state}.`);
  const before = decisionsOf(row);
  if (before.some((one) => one.by === by))
    return refuse(`${by} has approved the hold ${id} already: others must, too.`);
  const problem = extensionProblem({ id, needs: needsOf(row) }, decision);
  if (problem !== undefined) return refuse(problem);
  const terms = termsOf(needsOf(row));
  const decisions = [...before, decision];
  const became = verdict === 'deny' ? 'denied' : decisions.length < terms.quorum ? 'open' : 'approved';
  await store.holds.answer(id, became, decisions, became === 'approved' ? at + terms.useWithin : row.expires_at);
  const said = { ...(extend === undefined ? {} : { extend }), ...(groups === undefined ? {} : { groups }) };
  const proven = { nonce, proofs: proofs as unknown as JsonValue };
  const body = { hold: id, binding: row.binding, verdict, by, because, ...said, ...proven };
  await write(store, row.session, 'decided', undefined, at, body);
  store.changed.add(`hold:${id}`).add('holds').add(memoryKey(row.lineage));
  const answered = await whole(store, (await store.holds.find(id)) ?? row, at);
  if (answered === undefined) throw new LedgerFault(`The session of the hold ${id} was archived.`);
  return ok(answered);
}

/** Who asked takes it back. What is answered otherwise, used or late stays as it is. */
export async function withdraw(store: Store, id: string, at: number): Promise<undefined> {
  const row = await store.holds.find(id);
  const state = row && stateAt(row, at);
  if (row !== undefined && (state === 'open' || state === 'approved'))
    await lapse(store, row.session, id, 'the agent took it back', at);
}

/** One grant of an approved hold, in the transaction of the intent. Whoever asks has judged that there is one. */
export async function consume(store: Store, id: string, call: string): Promise<void> {
  const row = await store.holds.find(id);
  if (row === undefined) throw new LedgerFault(`There is no hold ${id}.`);
  const uses = [...usesOf(row), call];
  await store.holds.use(id, uses.length < termsOf(needsOf(row)).uses ? 'approved' : 'used', uses);
  store.changed.add(`hold:${id}`).add('holds').add(memoryKey(row.lineage));
}
