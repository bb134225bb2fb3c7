/** What people look back on: sessions a page at a time, a session's chain a page at a time, and what was asked of people. */
import type { Effect } from './contract.ts';
import type { HoldState } from './hold.ts';
import type { Entry } from './journal.ts';
import type { Principal } from './principal.ts';
import type { Described, ShownState } from './session.ts';

/** One organisation, as one issuer names it. */
type Tenant = Pick<Principal, 'issuer' | 'tenant'>;

export interface SessionsAsked {
  readonly of: Tenant;
  /** Of them those of this principal alone. */
  readonly owner: Principal | undefined;
  /** Of them this one alone. */
  readonly only: string | undefined;
  readonly state: ShownState | undefined;
  /** The last session of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

export interface SessionsPage {
  /** The newest first. */
  readonly sessions: readonly Described[];
  readonly more: boolean;
}

/** Entries of one chain. */
export interface EntriesAsked {
  readonly session: string;
  /** Older than the entry of this number; undefined: the newest. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** Something that a person was asked, and what came of it, without what it would have sent. */
export interface AskedHold {
  readonly id: string;
  readonly session: string;
  readonly profile: string;
  readonly target: string;
  readonly effect: Effect;
  /** The rules that asked. */
  readonly rules: readonly string[];
  readonly state: HoldState;
  readonly placedAt: number;
  /** Undefined where nobody answered. */
  readonly answer: { readonly verdict: 'approve' | 'deny'; readonly at: number } | undefined;
  /** The calls that ran on it. */
  readonly usedBy: readonly string[];
}

export interface HoldsAsked {
  /** Undefined: all, for who has the ledger itself in hands. */
  readonly of: Tenant | undefined;
  /** Placed at this time or later, milliseconds since the epoch. */
  readonly since: number;
  readonly at: number;
}

/** At most so many holds are told of, the newest. */
export const MOST_ASKED = 20_000;

/** Each reads what it answers by an index, and little beside. All reject with `LedgerFault`. */
export interface Records {
  /** Undefined where `after` is none of those that are asked for. */
  sessions(asked: SessionsAsked, at: number): Promise<SessionsPage | undefined>;
  /** In order. None where there is no such session. */
  entries(asked: EntriesAsked): Promise<readonly Entry[]>;
  /** The newest first. */
  asked(asked: HoldsAsked): Promise<readonly AskedHold[]>;
}
