/** A session as it is stored, and what it is to others. */
import type { KeyObject } from 'node:crypto';
import type { Session, SessionKey, SessionState } from '../domain/session.ts';
import type { Head } from './chain.ts';
import type { Known } from './operations.ts';
import type { SqlRow } from './sql.ts';

export interface SessionRow {
  readonly id: string;
  readonly owner: SessionKey;
  /** Whose it is, as a text: the actor chain left out (`ownerKey` of `session-identity.ts`). */
  readonly ownerKey: string;
  /** The first of the sessions that follow each other: what it may no more do, its successors may not either. */
  readonly lineage: string;
  readonly openedAt: number;
  readonly named: boolean;
  /** The journal entry beside which its description lies. */
  described: number | undefined;
  /** Empty once its contents were erased. */
  wrappedKey: Uint8Array;
  /** Unwrapped when first needed. */
  key: KeyObject | undefined;
  readonly head: Head;
  state: SessionState;
  /** What it has touched: sorted, each once. */
  labels: readonly string[];
  used: Record<string, number>;
  /** What people added to the caps of the policy. */
  extended: Record<string, number>;
  inFlight: number;
  busySince: number | undefined;
  /** Since when `used` counts: the first charge after budgets were last full. */
  chargedSince: number | undefined;
  /** The last intent or outcome, or the opening. */
  touchedAt: number;
  /** The session that goes on where this one expired. */
  successor: string | undefined;
  /** Of sealed contents. */
  contentBytes: number;
}

/** The row as the schema promises it. */
interface StoredSession {
  readonly id: string;
  readonly principal: string;
  readonly owner: string;
  readonly lineage: string;
  readonly profile: string;
  readonly folder: string | null;
  readonly state: SessionState;
  readonly opened_at: number;
  readonly content_key: Uint8Array;
  readonly used: string;
  readonly extended: string;
  readonly labels: string;
  readonly in_flight: number;
  readonly busy_since: number | null;
  readonly charged_since: number | null;
  readonly touched_at: number;
  readonly named: number;
  readonly described: number | null;
  readonly successor: string | null;
  readonly head: number;
  readonly hash: string;
  readonly seq: number;
  readonly content_bytes: number;
}

export function rowOf(row: SqlRow): SessionRow {
  const stored = row as unknown as StoredSession;
  return {
    id: stored.id,
    owner: {
      principal: JSON.parse(stored.principal) as SessionKey['principal'],
      profile: stored.profile,
      folder: stored.folder ?? undefined,
    },
    ownerKey: stored.owner,
    lineage: stored.lineage,
    openedAt: stored.opened_at,
    named: stored.named === 1,
    described: stored.described ?? undefined,
    wrappedKey: stored.content_key,
    key: undefined,
    head: { entry: stored.head, hash: stored.hash, seq: stored.seq },
    state: stored.state,
    labels: JSON.parse(stored.labels) as readonly string[],
    used: JSON.parse(stored.used) as Record<string, number>,
    extended: JSON.parse(stored.extended) as Record<string, number>,
    inFlight: stored.in_flight,
    busySince: stored.busy_since ?? undefined,
    chargedSince: stored.charged_since ?? undefined,
    touchedAt: stored.touched_at,
    successor: stored.successor ?? undefined,
    contentBytes: stored.content_bytes,
  };
}

/** Its key was destroyed: what was kept of it can be read no more. */
export const isErased = ({ wrappedKey }: Pick<SessionRow, 'wrappedKey'>): boolean => wrappedKey.length === 0;

export const sessionOf = (row: SessionRow): Session => ({
  ...row.owner,
  id: row.id,
  state: row.state,
  openedAt: row.openedAt,
  lineage: row.lineage,
  named: row.named,
});

export const knownOf = (row: SessionRow): Known => ({
  session: sessionOf(row),
  used: row.used,
  extended: row.extended,
  labels: row.labels,
  busySince: row.busySince,
  chargedSince: row.chargedSince,
  touchedAt: row.touchedAt,
});
