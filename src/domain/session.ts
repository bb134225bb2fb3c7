/** Session: a durable unit of work, owned by one principal, independent of connections. */
import type { Amounts } from './budget.ts';
import type { Principal } from './principal.ts';

export type SessionState = 'created' | 'running' | 'paused' | 'completed' | 'archived' | 'expired';

/** Verbs that people use on a session, and the states each may start from. */
export const SESSION_VERBS = {
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  complete: { from: ['created', 'running', 'paused'], to: 'completed' },
} as const satisfies Record<string, { from: readonly SessionState[]; to: SessionState }>;
export type SessionVerb = keyof typeof SESSION_VERBS;

/** Whether it makes no more calls, for good. */
export const isOver = ({ state }: Pick<Session, 'state'>): boolean =>
  state === 'completed' || state === 'archived' || state === 'expired';

/** What makes an implicit session the same one: principal, profile and, on stdio, the working folder. */
export interface SessionKey {
  readonly principal: Principal;
  readonly profile: string;
  readonly folder: string | undefined;
}

export interface Session extends SessionKey {
  readonly id: string;
  readonly state: SessionState;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
}

/** A session and what it has spent, as the ledger last saw it. `commit` judges afresh: a snapshot only saves work. */
export interface Snapshot {
  readonly session: Session;
  /** What is used, by budget kind; `runtime` includes the calls in flight up to `at`. */
  readonly used: Amounts;
  /** What people added to the caps of the policy, by budget kind. */
  readonly extended: Amounts;
  /** What it has touched. */
  readonly labels: readonly string[];
  readonly at: number;
}
