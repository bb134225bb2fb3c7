/** The operations of the ledger: what each is asked and answers, whichever home performs it. */
import type { Accepted } from '../domain/acceptance.ts';
import type { Amounts, Overdrawn } from '../domain/budget.ts';
import type { Finding, UnknownCall } from '../domain/finding.ts';
import type { Demand, Unmet } from '../domain/history.ts';
import type { Decision, Hold } from '../domain/hold.ts';
import type { Draft, Entry } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import type { CallPage, EventPage, HoldPage, MadeCall, NewEvent, Report, Unwritten } from '../domain/memory.ts';
import type { Awaiting, Ending, Taking, Told } from '../domain/notification.ts';
import type { Known as KnownPerson } from '../domain/person.ts';
import type { Placed, Placing } from '../domain/placing.ts';
import type { AgeLimit, Asking, Commitment, Count, EntryLimits, Intent, Ledger, Settlement } from '../domain/ports.ts';
import type { PushSubscription } from '../domain/push.ts';
import type { AskedHold, EntriesAsked, HoldsAsked, SessionsAsked } from '../domain/records.ts';
import type { UnderWay } from '../domain/replicas.ts';
import type { Result } from '../domain/result.ts';
import type { Archiving, Due, DueBy, Outline, OverQuota, Passage } from '../domain/retention.ts';
import type { Creation, Description, Session, SessionKey, SessionState, SessionVerb } from '../domain/session.ts';
import type { Bar, Stop, Stopping } from '../domain/stop.ts';

/** Whether the process owns the store, or visits it as a command line does. */
export type Role = 'owner' | 'visitor';

/** A session and what it has used, so that anybody can tell its snapshot at any time. */
export interface Known {
  readonly session: Session;
  /** Charges, and the runtime of intervals that are over. */
  readonly used: Amounts;
  readonly extended: Amounts;
  readonly labels: readonly string[];
  /** Since when at least one call is in flight; undefined when none is. */
  readonly busySince: number | undefined;
  /** Since when `used` counts. */
  readonly chargedSince: number | undefined;
  /** The last intent or outcome, or the opening. */
  readonly touchedAt: number;
}

/** What is known of a session, and how many of its calls wait for a person. */
export interface KnownStanding {
  readonly known: Known;
  readonly awaiting: number;
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

export interface Lifting {
  readonly id: string;
  readonly by: string;
  readonly why: string;
  readonly at: number;
}

/** `session`: undefined where what is asked about is nobody's. */
export interface Barring {
  readonly session: string | undefined;
  readonly server: string;
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
  readonly enter: Operation<
    EntryLimits & { readonly key: SessionKey; readonly at: number },
    Result<Known, Overdrawn | OverQuota>
  >;
  readonly create: Operation<Creation, Result<Known, Overdrawn | OverQuota>>;
  readonly describe: Operation<
    { readonly session: string; readonly at: number },
    (KnownStanding & { readonly description: Description }) | undefined
  >;
  readonly find: Operation<{ readonly key: SessionKey }, Known | undefined>;
  readonly look: Operation<{ readonly session: string }, Known | undefined>;
  readonly sessions: Operation<{ readonly at: number }, readonly KnownStanding[]>;
  readonly expireAged: Operation<{ readonly limits: readonly AgeLimit[]; readonly at: number }, readonly string[]>;
  readonly change: Operation<Change, Result<Session, string>>;
  readonly commit: Operation<Intent, Commitment>;
  readonly settle: Operation<Settlement, undefined>;
  readonly recorded: Operation<{ readonly call: string }, { readonly at: number; readonly text: string } | undefined>;
  readonly unknowns: Operation<{ readonly open: boolean }, readonly UnknownCall[]>;
  readonly unknown: Operation<{ readonly call: string }, UnknownCall | undefined>;
  readonly resolve: Operation<{ readonly call: string; readonly finding: Finding }, Result<UnknownCall, string>>;
  readonly append: Operation<
    { readonly draft: Draft; readonly content: string | undefined; readonly count: Count | undefined },
    undefined
  >;
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
  readonly withdraw: Operation<{ readonly id: string; readonly at: number }, undefined>;
  readonly stop: Operation<Stopping, Result<Stop, string>>;
  readonly lift: Operation<Lifting, Result<Stop, string>>;
  readonly stops: Operation<{ readonly standing: boolean }, readonly Stop[]>;
  readonly barred: Operation<Barring, Bar | undefined>;
  readonly states: Operation<{ readonly sessions: readonly string[] }, ReadonlyMap<string, SessionState>>;
  readonly addEvent: Operation<NewEvent, Result<number, Unwritten>>;
  readonly report: Operation<Report, Result<number, Unwritten>>;
  readonly events: Operation<{ readonly session: string; readonly after: number }, EventPage>;
  readonly calls: Operation<{ readonly session: string; readonly before: string | undefined }, CallPage>;
  readonly madeCall: Operation<{ readonly session: string; readonly call: string }, MadeCall | undefined>;
  readonly approvedBefore: Operation<
    Pick<Hold, 'id' | 'lineage' | 'target' | 'principal'> & { readonly at: number },
    Hold | undefined
  >;
  readonly holdsOf: Operation<{ readonly session: string; readonly at: number }, HoldPage>;
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
  readonly awaiting: Operation<{ readonly at: number }, readonly Awaiting[]>;
  readonly told: Operation<undefined, readonly Told[]>;
  readonly take: Operation<{ readonly taking: Taking; readonly by: string }, Told | undefined>;
  readonly ended: Operation<Ending, undefined>;
  readonly over: Operation<{ readonly at: number }, readonly Told[]>;
  readonly subscriptions: Operation<{ readonly at: number }, readonly PushSubscription[]>;
  readonly subscribe: Operation<{ readonly subscription: PushSubscription; readonly at: number }, Result<void, string>>;
  readonly unsubscribe: Operation<{ readonly id: string; readonly person: KnownPerson | undefined }, undefined>;
  readonly journal: Operation<{ readonly session: string }, readonly Entry[]>;
  readonly content: Operation<{ readonly call: string; readonly part: ContentPart }, string | undefined>;
  readonly sessionsPage: Operation<
    SessionsAsked & { readonly at: number },
    | { readonly sessions: readonly (KnownStanding & { readonly description: Description })[]; readonly more: boolean }
    | undefined
  >;
  readonly entries: Operation<EntriesAsked, readonly Entry[]>;
  readonly asked: Operation<HoldsAsked, readonly AskedHold[]>;
  readonly verify: Operation<undefined, readonly string[]>;
  readonly outline: Operation<{ readonly session: string }, Outline | undefined>;
  readonly passages: Operation<
    { readonly session: string; readonly entries: readonly number[]; readonly contents: boolean },
    readonly Passage[]
  >;
  readonly policies: Operation<{ readonly digests: readonly string[] }, readonly JsonObject[]>;
  readonly due: Operation<DueBy, Due>;
  readonly archivable: Operation<{ readonly session: string; readonly at: number }, Result<void, string>>;
  readonly archive: Operation<Archiving, Result<void, string>>;
  readonly remove: Operation<{ readonly session: string; readonly at: number }, Result<void, string>>;
}

export type OperationName = keyof Operations;

export type Ask = { [Name in OperationName]: readonly [name: Name, ask: Operations[Name]['ask']] }[OperationName];
