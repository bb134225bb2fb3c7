/** The session as its agent's memory: events and reported spend, and what of its calls and holds can be read back. */
import type { EntryKind } from '../domain/journal.ts';
import { type JsonObject, sha256 } from '../domain/json.ts';
import {
  type CallPage,
  type EventPage,
  type HoldPage,
  LARGEST_EVENT,
  type MadeCall,
  MOST_EVENT_BYTES,
  MOST_EVENTS,
  type NewEvent,
  PAGE,
  PAGE_BYTES,
  REPORTED,
  type Report,
  type SessionEvent,
  type Unwritten,
  type WaitingHold,
} from '../domain/memory.ts';
import { LedgerFault } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { barOf } from '../domain/stop.ts';
import { decisionsOf, type HoldRow, stateAt, usesOf } from './hold-row.ts';
import { overQuota } from './room.ts';
import type { ListedCall } from './rows/call-rows.ts';
import type { EventRow } from './rows/event-rows.ts';
import { memoryKey, type Store, write } from './store.ts';

/** Answers the event's number. */
export const addEvent = (store: Store, { session, type, content, at }: NewEvent): Promise<Result<number, Unwritten>> =>
  remember(store, { session, kind: 'event', type, content, at, body: {} });

/**
 * Charged whole, whatever the cap: it is spent already. What passes the cap lets no further call be made (`overdrawn`).
 * Answers the number of the event that says so.
 */
export async function report(
  store: Store,
  { session, amount, why, at, ...said }: Report,
): Promise<Result<number, Unwritten>> {
  if (!Number.isSafeInteger(amount) || amount <= 0)
    throw new LedgerFault(`Nobody can have spent ${amount} millionths.`);
  const content = JSON.stringify({ class: said.class, amount, why });
  const body = { class: said.class, amount, by: 'agent' };
  const written = await remember(store, { session, kind: 'reported', type: REPORTED, content, at, body });
  if (written.ok) {
    const { used } = await store.sessions.get(session);
    used['spend'] = (used['spend'] ?? 0) + amount;
  }
  return written;
}

interface Remembered extends NewEvent {
  readonly kind: EntryKind;
  readonly body: JsonObject;
}

/** Judges everything first: what is refused leaves nothing. The journal has the digest, the content lies beside it. */
async function remember(
  store: Store,
  { session, kind, type, content, at, body }: Remembered,
): Promise<Result<number, Unwritten>> {
  const row = await store.sessions.get(session);
  const bar = barOf(row.state);
  if (bar !== undefined) return refuse(bar.reason);
  const bytes = Buffer.byteLength(content);
  if (bytes > LARGEST_EVENT) return refuse('event_too_large');
  if ((await overQuota(store, row.ownerKey)) !== undefined) return refuse('over_quota');
  const { lineage } = row;
  const { seq: last, total } = await store.events.extent(lineage);
  if (last >= MOST_EVENTS || total + bytes > MOST_EVENT_BYTES) return refuse('memory_full');
  const seq = last + 1;
  const entry = await write(store, session, kind, undefined, at, {
    event: seq,
    type,
    digest: sha256(content),
    ...body,
  });
  await store.contents.keep(row, entry, content);
  await store.events.insert({ lineage, seq, session, type, at, entry, total: total + bytes });
  store.changed.add(memoryKey(lineage));
  return ok(seq);
}

/** Those after `after`, in order. */
export async function events(store: Store, session: string, after: number): Promise<EventPage> {
  const { lineage } = await store.sessions.get(session);
  const rows = await store.events.from(lineage, after + 1, PAGE + 1);
  const first = rows[0]?.total ?? 0;
  const fit = rows.filter(({ total }, at) => at < PAGE && total - first <= PAGE_BYTES);
  return { events: await Promise.all(fit.map((row) => eventOf(store, row))), more: fit.length < rows.length };
}

async function eventOf(store: Store, { seq, at, type, session, entry }: EventRow): Promise<SessionEvent> {
  return { seq, at, type, content: await store.contents.read(await store.sessions.get(session), entry) };
}

/** The newest first; with `before`, those that are older than that call. None where it is no call of this session. */
export async function calls(store: Store, session: string, before: string | undefined): Promise<CallPage> {
  const { lineage } = await store.sessions.get(session);
  const rows = await store.calls.list(lineage, before, PAGE + 1);
  return { calls: rows.slice(0, PAGE).map(madeOf), more: rows.length > PAGE };
}

/** A call of this session or a predecessor. */
export async function madeCall(store: Store, session: string, call: string): Promise<MadeCall | undefined> {
  const { lineage } = await store.sessions.get(session);
  const row = await store.calls.listed(lineage, call);
  return row && madeOf(row);
}

const madeOf = ({ id, target, at, outcome, settled_at, kept }: ListedCall): MadeCall => ({
  id,
  target,
  at,
  outcome: outcome ?? undefined,
  settledAt: settled_at ?? undefined,
  kept: kept === 1,
});

export async function holdsOf(store: Store, session: string, at: number): Promise<HoldPage> {
  const { lineage } = await store.sessions.get(session);
  const rows = await store.holds.ofLineage(lineage);
  const changes = rows.reduce((sum, row) => sum + changesOf(row, at), 0);
  return { changes, holds: rows.slice(0, PAGE).map((row) => waitingOf(row, at)) };
}

/** It was placed; then answered, by one or by several; then used, once or several times; or not in time. */
const changesOf = (row: HoldRow, at: number): number =>
  1 + decisionsOf(row).length + usesOf(row).length + (stateAt(row, at) === 'lapsed' ? 1 : 0);

const waitingOf = (row: HoldRow, at: number): WaitingHold => ({
  id: row.id,
  target: row.target,
  state: stateAt(row, at),
  placedAt: row.placed_at,
  expiresAt: row.expires_at,
  because: decisionsOf(row).at(-1)?.because,
  usedBy: usesOf(row).at(-1),
});
