/** Session: a durable unit of work, owned by one principal, independent of connections. */
import type { Amounts } from './budget.ts';
import type { Principal } from './principal.ts';

export type SessionState = 'created' | 'running' | 'paused' | 'completed' | 'archived' | 'expired';

/** What is done to a session, and the states each may start from. `run` is its first call. */
export const SESSION_VERBS = {
  run: { from: ['created'], to: 'running' },
  pause: { from: ['created', 'running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  complete: { from: ['created', 'running', 'paused'], to: 'completed' },
  expire: { from: ['created', 'running', 'paused'], to: 'expired' },
  archive: { from: ['completed', 'expired'], to: 'archived' },
} as const satisfies Record<string, { from: readonly SessionState[]; to: SessionState }>;
export type SessionVerb = keyof typeof SESSION_VERBS;

/** Whether it makes no more calls, for good. */
export const isOver = ({ state }: Pick<Session, 'state'>): boolean =>
  state === 'completed' || state === 'archived' || state === 'expired';

/** Whether it makes calls: one that was created runs from its first on. */
export const makesCalls = ({ state }: Pick<Session, 'state'>): boolean => state === 'created' || state === 'running';

/** How long the sessions of a profile live, in milliseconds. Undefined is without end. */
export interface Life {
  /** So long without a call, its connections and processes are closed; the session stays. */
  readonly idle: number | undefined;
  /** Older than this it makes no more calls. An implicit session has a successor, a named one has none. */
  readonly maxAge: number | undefined;
  /** So long after their first charge its budgets are full again. */
  readonly renew: number | undefined;
}

/** When it makes no more calls, milliseconds since the epoch. */
export const expiryOf = ({ openedAt }: Pick<Session, 'openedAt'>, maxAge: number | undefined): number | undefined =>
  maxAge === undefined ? undefined : openedAt + maxAge;

/** Whether it may make no more calls at `at` for its age. A paused one does not age: it makes none, and stays paused. */
export function isAged(session: Pick<Session, 'openedAt' | 'state'>, maxAge: number | undefined, at: number): boolean {
  const expiry = expiryOf(session, maxAge);
  return makesCalls(session) && expiry !== undefined && at >= expiry;
}

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
  /** The first of the sessions that follow each other: what calls, holds and denials are counted by. */
  readonly lineage: string;
  /** Opened by a person or the API, and found by its id alone. */
  readonly named: boolean;
}

/** What a named session is for. */
export interface Description {
  readonly task: string | undefined;
  /** `text` is undefined where the caller gave a digest only, or the content was erased. */
  readonly instructions: { readonly text: string | undefined; readonly digest: string } | undefined;
  readonly model: string | undefined;
  /** How the model is reached, as the caller says it. */
  readonly route: string | undefined;
}

/** A session to be opened by a person or the API. */
export interface Creation extends SessionKey {
  readonly description: Omit<Description, 'instructions'> & {
    readonly instructions: { readonly text: string } | { readonly digest: string } | undefined;
  };
  /** As many live sessions its principal may have under the profile; undefined is any number. */
  readonly mostSessions: number | undefined;
  /** Who opens it. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
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
  /** Since when `used` counts: the first charge after it was last full. */
  readonly chargedSince: number | undefined;
  /** When it last had a call under way, or was opened. */
  readonly touchedAt: number;
  readonly at: number;
}

/** A session as people see it. */
export interface SessionStanding extends Snapshot {
  /** So many of its calls wait for a person. */
  readonly awaiting: number;
}

export interface Described extends SessionStanding {
  readonly description: Description;
}

export type ShownState = SessionState | 'awaiting_approval';

/** The word for people: a session that waits for a person blocks nothing but the calls that wait. */
export const shownState = ({ session, awaiting }: SessionStanding): ShownState =>
  session.state === 'running' && awaiting > 0 ? 'awaiting_approval' : session.state;
