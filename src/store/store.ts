/** What the writer's operations work on: one open database and what is kept in memory of it. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Past } from '../domain/history.ts';
import type { EntryKind } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import { AcceptanceRows } from './acceptance-rows.ts';
import { CallRows } from './call-rows.ts';
import { Chains } from './chains.ts';
import { Contents } from './contents.ts';
import { HoldRows } from './hold-rows.ts';
import type { Operations, WriterSettings } from './operations.ts';
import { PastRows } from './past-rows.ts';
import { type SessionRow, SessionRows } from './session-rows.ts';

export interface Store {
  readonly settings: WriterSettings;
  readonly sessions: SessionRows;
  readonly calls: CallRows;
  readonly past: PastRows;
  readonly holds: HoldRows;
  readonly acceptances: AcceptanceRows;
  readonly chains: Chains;
  readonly contents: Contents;
  /** Keys of the holds and calls that the running batch changed. */
  readonly changed: Set<string>;
}

export const storeOf = (db: DatabaseSync, settings: WriterSettings): Store => ({
  settings,
  sessions: new SessionRows(db),
  calls: new CallRows(db),
  past: new PastRows(db),
  holds: new HoldRows(db),
  acceptances: new AcceptanceRows(db),
  chains: new Chains(db),
  contents: new Contents(db, settings.contentKey),
  changed: new Set(),
});

/** After a rollback or a foreign write: what is kept in memory may not be what the file says. */
export function forget({ sessions, calls }: Store): void {
  sessions.forget();
  calls.forget();
}

/** 128 random bits, with a prefix that says of what. */
export const newId = (prefix: 's' | 'h'): string => `${prefix}_${randomBytes(16).toString('base64url')}`;

/** Appends to a chain, whose head is written at the end of the batch. Returns the entry's rowid. */
export function write(
  store: Store,
  session: string,
  kind: EntryKind,
  call: string | undefined,
  at: number,
  body: JsonObject,
): number {
  const head = store.sessions.headToMove(session);
  store.chains.append(head, { session, kind, call, at, body });
  return head.entry;
}

/** Appends one entry, and keeps a content beside it. */
export function append(store: Store, { draft, content }: Operations['append']['ask']): undefined {
  const { session, kind, call, at, body } = draft;
  const entry = write(store, session, kind, call, at, body);
  if (content !== undefined) store.contents.keep(store.sessions.get(session), entry, content);
}

/** The calls before one of this session, so that rules may ask of them. */
export const pastOf =
  (store: Store, session: SessionRow): Past =>
  (per, target, since) =>
    store.past.find(session, per, target, since);
