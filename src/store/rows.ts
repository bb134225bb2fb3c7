/**
 * What the operations of the ledger read and write: tables, whatever database keeps them. All that is asked within one
 * transaction sees what was written in it before. A home with its file at hand answers at once, one behind a socket later.
 */
import type { Accepted } from '../domain/acceptance.ts';
import type { Effect } from '../domain/contract.ts';
import type { Demand, Fields, Past } from '../domain/history.ts';
import type { Decision } from '../domain/hold.ts';
import type { Draft, Entry } from '../domain/journal.ts';
import type { OutcomeWord } from '../domain/outcome.ts';
import type { Placing } from '../domain/ports.ts';
import type { SessionKey, SessionState } from '../domain/session.ts';
import type { Head } from './chain.ts';
import type { HoldRow } from './hold-row.ts';
import type { SessionRow } from './session-row.ts';

export type Awaitable<T> = T | Promise<T>;

export interface SessionRows {
  find(id: string): Awaitable<SessionRow | undefined>;
  /** The session of a call or hold, which is there unless a caller invented it. Throws `LedgerFault`. */
  get(id: string): Awaitable<SessionRow>;
  /** The one of this key that is not over. */
  live(owner: SessionKey): Awaitable<SessionRow | undefined>;
  /** All sessions, the newest first. */
  all(): Awaitable<readonly SessionRow[]>;
  open(id: string, owner: SessionKey, at: number, wrappedKey: Uint8Array): Awaitable<SessionRow>;
  setState(row: SessionRow, state: SessionState): Awaitable<void>;
  /** To be written at the end of the transaction. */
  move(row: SessionRow): SessionRow;
  /** The head of a chain, about to be appended to. */
  headToMove(session: string): Awaitable<Head>;
  /** The head of a chain, to read from. */
  head(session: string): Awaitable<Head | undefined>;
  /** Every chain's head, as the database will have it. */
  heads(): Awaitable<ReadonlyMap<string, Head>>;
}

/** A call from its intent on; completed at the outcome. */
export interface CallRow {
  readonly row: number;
  readonly id: string;
  readonly session: string;
  readonly effect: Effect;
  readonly deadline: number;
  /** The journal entry of the intent, beside which the arguments lie. */
  readonly intent: number;
  /** JSON. */
  readonly fields: string;
  /** Null while the call is in flight, as is all below. */
  readonly outcome: OutcomeWord | null;
  readonly settled_at: number | null;
  /** The journal entry of the outcome, beside which the result lies. */
  readonly settled: number | null;
}

export interface NewCall {
  readonly call: string;
  readonly session: string;
  readonly target: string;
  readonly digest: string;
  readonly effect: Effect;
  readonly at: number;
  readonly fields: Fields;
}

/** What identifies a call, whoever makes it how often. */
export type SameCall = Pick<Placing, 'session' | 'target' | 'digest'>;

export interface CallRows {
  insert(call: NewCall, deadline: number, intent: number): Awaitable<void>;
  find(id: string): Awaitable<CallRow | undefined>;
  /** The identical call that is no `read` and is in flight, or ended as `unknown`. */
  identical(call: SameCall): Awaitable<string | undefined>;
  /** `fields` join those of the intent. */
  settle(row: CallRow, outcome: OutcomeWord, at: number, entry: number, fields: Fields): Awaitable<void>;
  inFlight(): Awaitable<readonly CallRow[]>;
}

export interface PastRows {
  /** The calls before one of this session, so that these demands may ask of them at `at`. */
  of(session: SessionRow, demands: readonly Demand[], at: number): Awaitable<Past>;
}

export interface HoldRows {
  insert(id: string, placing: Placing, entry: number): Awaitable<HoldRow>;
  find(id: string): Awaitable<HoldRow | undefined>;
  /** Holds of one exact call, the newest first. */
  ofCall(call: SameCall): Awaitable<readonly HoldRow[]>;
  /** Holds of a session that are open, or approved and not used; some may have lapsed by now. */
  pending(session: string): Awaitable<readonly HoldRow[]>;
  /** The newest first; `open` leaves those that were neither answered nor voided. */
  list(open: boolean): Awaitable<readonly HoldRow[]>;
  denials(session: string, target: string): Awaitable<number>;
  answer(id: string, state: 'approved' | 'denied', decision: Decision, expiresAt: number): Awaitable<void>;
  use(id: string, call: string): Awaitable<void>;
  lapse(id: string): Awaitable<void>;
}

export interface AcceptanceRows {
  newest(profile: string, file: string): Awaitable<readonly Accepted[]>;
  isUsed(nonce: string): Awaitable<boolean>;
  add(accepted: Accepted): Awaitable<void>;
}

export interface ChainRows {
  /** Appends at `head` and moves it. The caller stores the head in the same transaction. */
  append(head: Head, draft: Draft): Awaitable<void>;
  /**
   * A chain's entries, oldest first, walked back from its head. Where an entry was removed by force the walk ends, so
   * that the first `seq` is not 1: `verify` says what happened.
   */
  walk(head: Head, session: string): Awaitable<readonly Entry[]>;
  /** The entries that say that a call was refused, the newest first. */
  refusals(call: string): Awaitable<readonly { readonly session: string; readonly entry: number }[]>;
  /**
   * Reads the whole table once, in commit order, and follows every chain; `heads` are the chains that must be there.
   * One sentence per broken chain, about the first entry that does not follow from its predecessor.
   */
  verify(heads: ReadonlyMap<string, Head>): Awaitable<readonly string[]>;
}

/** What lies beside an entry: sealed texts (`contents.ts`). */
export interface Content {
  readonly sealed: Uint8Array;
  readonly reason: Uint8Array | null;
}

export interface ContentRows {
  insert(entry: number, content: Content): Awaitable<void>;
  find(entry: number): Awaitable<Content | undefined>;
}
