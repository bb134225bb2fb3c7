/** What the operations work on: one transaction's view of the tables, and how they append to the journal. */
import { randomBytes } from 'node:crypto';
import type { EntryKind } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Contents } from './contents.ts';
import { countOne } from './counts.ts';
import type { Operations, Role } from './operations.ts';
import { overQuota, type Room } from './room.ts';
import type { AcceptanceRows } from './rows/acceptance-rows.ts';
import type { CallRows } from './rows/call-rows.ts';
import type { ChainRows } from './rows/chain-rows.ts';
import type { EventRows } from './rows/event-rows.ts';
import type { HoldRows } from './rows/hold-rows.ts';
import type { LeavingRows } from './rows/leaving-rows.ts';
import type { PastRows } from './rows/past-rows.ts';
import type { PrincipalRows } from './rows/principal-rows.ts';
import type { PushRows } from './rows/push-rows.ts';
import type { RelayRows } from './rows/relay-rows.ts';
import type { ReplicaRows } from './rows/replica-rows.ts';
import type { SessionRows } from './rows/session-rows.ts';
import type { StopRows } from './rows/stop-rows.ts';
import type { ToldRows } from './rows/told-rows.ts';
import { isErased, type SessionRow } from './session-row.ts';

export interface Store {
  readonly role: Role;
  readonly room: Room;
  readonly sessions: SessionRows;
  readonly leaving: LeavingRows;
  readonly calls: CallRows;
  readonly past: PastRows;
  readonly principals: PrincipalRows;
  readonly holds: HoldRows;
  readonly stops: StopRows;
  readonly events: EventRows;
  readonly acceptances: AcceptanceRows;
  readonly chains: ChainRows;
  readonly contents: Contents;
  readonly replicas: ReplicaRows;
  readonly relay: RelayRows;
  readonly told: ToldRows;
  readonly pushes: PushRows;
  /** Keys of what the running transaction changed, for those who wait for it. */
  readonly changed: Set<string>;
}

/** After a rollback or a foreign write: what is kept in memory may not be what the database says. */
export function forget({ sessions, calls, stops }: Store): void {
  sessions.forget();
  calls.forget();
  stops.forget();
}

/** What changes with the events and holds of a session, its predecessors and successors. */
export const memoryKey = (lineage: string): `memory:${string}` => `memory:${lineage}`;

/** 128 random bits, with a prefix that says of what. */
export const newId = (prefix: 's' | 'h' | 'st' | 'msg'): string => `${prefix}_${randomBytes(16).toString('base64url')}`;

/** Appends to a chain, whose head is written at the end of the transaction. Returns the entry's place in the journal. */
export async function write(
  store: Store,
  session: string,
  kind: EntryKind,
  call: string | undefined,
  at: number,
  body: JsonObject,
): Promise<number> {
  const head = await store.sessions.headToMove(session);
  await store.chains.append(head, { session, kind, call, at, body });
  return head.entry;
}

/** Appends one entry, keeps a content beside it where there is room, and counts: the entry itself says all that matters. */
export async function append(store: Store, { draft, content, count }: Operations['append']['ask']): Promise<undefined> {
  const { session, kind, call, at, body } = draft;
  const entry = await write(store, session, kind, call, at, body);
  if (content !== undefined) await keepBeside(store, await store.sessions.get(session), entry, content);
  if (count !== undefined) countOne(await store.sessions.get(session), count);
}

async function keepBeside(store: Store, row: SessionRow, entry: number, content: string): Promise<void> {
  if (isErased(row) || (await overQuota(store, row.ownerKey)) !== undefined) return;
  await store.contents.keep(row, entry, content);
}
