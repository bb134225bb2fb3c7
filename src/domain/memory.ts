/**
 * The session as the agent's memory: events that the agent writes down for itself, what it says that it spent elsewhere,
 * and what it may read back of its calls and holds. It lasts as long as the session and those that follow it, whatever
 * becomes of the agent's processes.
 */
import type { HoldState } from './hold.ts';
import type { OutcomeWord } from './outcome.ts';

/** Bytes of one event, as JSON text. */
export const LARGEST_EVENT = 64 * 1024;
/** Events of a session and its predecessors, reported spend included; and their bytes. */
export const MOST_EVENTS = 10_000;
export const MOST_EVENT_BYTES = 32 * 1024 * 1024;
/** One answer holds at most so many events, calls or holds. */
export const PAGE = 100;
/** Beside the first, the events of one answer have at most so many bytes. */
export const PAGE_BYTES = 1024 * 1024;

/** The type of an event that says what the agent reported as spent. No agent can choose it. */
export const REPORTED = 'tollgate.reported';

/** What an agent writes down. */
export interface NewEvent {
  readonly session: string;
  /** The agent's own word for what kind of event this is. It stands in the journal, so it is a name and no content. */
  readonly type: string;
  /** JSON text. */
  readonly content: string;
  readonly at: number;
}

/** What an agent says that it spent elsewhere: nobody has verified it. */
export interface Report {
  readonly session: string;
  /** The agent's own word for what it spent it on, such as a class of the policy. */
  readonly class: string;
  /** Millionths of the policy's currency. */
  readonly amount: number;
  readonly why: string;
  readonly at: number;
}

export interface SessionEvent {
  /** Counts from 1 in a session and goes on in its successor. */
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  /** JSON text; undefined where it was erased. */
  readonly content: string | undefined;
}

/** Events in order; `more` where others follow those. */
export interface EventPage {
  readonly events: readonly SessionEvent[];
  readonly more: boolean;
}

/** Why nothing was written. */
export type Unwritten = 'session_paused' | 'session_over' | 'event_too_large' | 'memory_full' | 'over_quota';

/** A call that was made, in this session or a predecessor. */
export interface MadeCall {
  readonly id: string;
  /** As `targetOf` says it. */
  readonly target: string;
  readonly at: number;
  /** Undefined while it is in flight, as is `settledAt`. */
  readonly outcome: OutcomeWord | undefined;
  readonly settledAt: number | undefined;
  /** Whether its result is kept. */
  readonly kept: boolean;
}

/** Calls, the newest first; `more` where there are older ones. */
export interface CallPage {
  readonly calls: readonly MadeCall[];
  readonly more: boolean;
}

/** A hold, as far as the agent that waits for it may know. */
export interface WaitingHold {
  readonly id: string;
  readonly target: string;
  readonly state: HoldState;
  readonly placedAt: number;
  /** As `Hold` has it. */
  readonly expiresAt: number;
  /** The person's own words. */
  readonly because: string | undefined;
  /** The last call that used a grant of it. */
  readonly usedBy: string | undefined;
}

/** The newest holds of a session and its predecessors, and how often any of all of them changed: it only rises. */
export interface HoldPage {
  readonly changes: number;
  readonly holds: readonly WaitingHold[];
}
