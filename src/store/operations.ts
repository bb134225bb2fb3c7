/** The operations of the ledger: what each is asked and answers, whichever home performs it. */
import type { Accepted } from '../domain/acceptance.ts';
import type { Amounts } from '../domain/budget.ts';
import type { Demand, Unmet } from '../domain/history.ts';
import type { Decision, Hold } from '../domain/hold.ts';
import type { Draft, Entry } from '../domain/journal.ts';
import type { Asking, Commitment, Intent, Ledger, Placed, Placing, Settlement } from '../domain/ports.ts';
import type { UnderWay } from '../domain/replicas.ts';
import type { Result } from '../domain/result.ts';
import type { Session, SessionKey, SessionVerb } from '../domain/session.ts';

/** Whether the process owns the store, or visits it as a command line does. */
export type Role = 'owner' | 'visitor';

/** A session and what it has used, so that anybody can tell its snapshot at any time. */
export interface Known {
  readonly session: Session;
  /** Charges, and the runtime of intervals that are over. */
  readonly used: Amounts;
  readonly labels: readonly string[];
  /** Since when at least one call is in flight; undefined when none is. */
  readonly busySince: number | undefined;
}

/** What may lie beside the entries of a call. */
export type ContentPart = Parameters<Ledger['content']>[1];

interface Operation<Ask, Answer> {
  readonly ask: Ask;
  readonly answer: Answer;
}

export interface Change {
  readonly session: string;
  readonly verb: SessionVerb;
  readonly by: string;
  readonly why: string;
  readonly at: number;
}

export interface Accepting {
  readonly accepted: Accepted;
  /** What a person was shown, a line each. */
  readonly widenings: readonly string[];
}

export interface Leasing {
  readonly session: string;
  readonly server: string;
  readonly replica: string;
}

export interface Posting {
  readonly from: string;
  readonly to: string;
  readonly sealed: Uint8Array;
}

export interface SealedLetter {
  /** Its place in the order of letters. */
  readonly row: number;
  readonly from: string;
  readonly sealed: Uint8Array;
  readonly isFromLiving: boolean;
}

/** By name: what is asked, and what is answered. */
export interface Operations {
  readonly enter: Operation<{ readonly key: SessionKey; readonly at: number }, Known>;
  readonly find: Operation<{ readonly key: SessionKey }, Known | undefined>;
  readonly look: Operation<{ readonly session: string }, Known | undefined>;
  readonly sessions: Operation<undefined, readonly Known[]>;
  readonly change: Operation<Change, Result<Session, string>>;
  readonly commit: Operation<Intent, Commitment>;
  readonly settle: Operation<Settlement, undefined>;
  readonly recorded: Operation<{ readonly call: string }, { readonly at: number; readonly text: string } | undefined>;
  readonly append: Operation<{ readonly draft: Draft; readonly content: string | undefined }, undefined>;
  readonly unmet: Operation<
    {
      readonly call: Pick<Intent, 'session' | 'target' | 'digest'>;
      readonly demands: readonly Demand[];
      readonly at: number;
    },
    Unmet | { readonly repeated: string } | undefined
  >;
  readonly ask: Operation<Asking, boolean>;
  readonly place: Operation<Placing, Placed>;
  readonly hold: Operation<{ readonly id: string; readonly at: number }, Hold | undefined>;
  readonly holds: Operation<{ readonly open: boolean; readonly at: number }, readonly Hold[]>;
  readonly decide: Operation<{ readonly id: string; readonly decision: Decision }, Result<Hold, string>>;
  readonly accepted: Operation<{ readonly profile: string; readonly file: string }, readonly Accepted[]>;
  readonly accept: Operation<Accepting, Result<void, string>>;
  readonly recover: Operation<{ readonly at: number; readonly own: string }, number>;
  readonly lease: Operation<Leasing, string>;
  readonly release: Operation<Leasing, undefined>;
  readonly leased_but_over: Operation<{ readonly replica: string }, readonly Omit<Leasing, 'replica'>[]>;
  readonly living: Operation<undefined, readonly string[]>;
  readonly under_way: Operation<{ readonly call: string }, UnderWay | undefined>;
  readonly post: Operation<Posting, undefined>;
  readonly letters: Operation<{ readonly replica: string }, readonly SealedLetter[]>;
  readonly clear: Operation<{ readonly rows: readonly number[] }, undefined>;
  readonly journal: Operation<{ readonly session: string }, readonly Entry[]>;
  readonly content: Operation<{ readonly call: string; readonly part: ContentPart }, string | undefined>;
  readonly verify: Operation<undefined, readonly string[]>;
}

export type OperationName = keyof Operations;

export type Ask = { [Name in OperationName]: readonly [name: Name, ask: Operations[Name]['ask']] }[OperationName];
