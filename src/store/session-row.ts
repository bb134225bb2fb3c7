/** A session as it is stored, and what it is to others. */
import type { KeyObject } from 'node:crypto';
import type { Session, SessionKey, SessionState } from '../domain/session.ts';
import type { Head } from './chain.ts';
import type { Known } from './operations.ts';

export interface SessionRow {
  readonly row: number;
  readonly id: string;
  readonly owner: SessionKey;
  readonly openedAt: number;
  readonly wrappedKey: Uint8Array;
  /** Unwrapped when first needed. */
  key: KeyObject | undefined;
  readonly head: Head;
  state: SessionState;
  /** What it has touched: sorted, each once. */
  labels: readonly string[];
  used: Record<string, number>;
  inFlight: number;
  busySince: number | undefined;
}

export const sessionOf = (row: SessionRow): Session => ({
  ...row.owner,
  id: row.id,
  state: row.state,
  openedAt: row.openedAt,
});

export const knownOf = (row: SessionRow): Known => ({
  session: sessionOf(row),
  used: row.used,
  labels: row.labels,
  busySince: row.busySince,
});
