/** What is kept of a session, how it leaves the ledger whole, and what is forgotten when. */
import type { Amounts } from './budget.ts';
import type { Hold } from './hold.ts';
import type { EntryKind } from './journal.ts';
import type { JsonObject } from './json.ts';
import type { Result } from './result.ts';
import type { Session } from './session.ts';

/** What the deployment keeps, for how long, and how much of it. Undefined: without end. */
export interface Retention {
  /** How long the chain of a session is kept after it ended. Milliseconds. */
  readonly sessions: number | undefined;
  /** How long its contents are, before it is archived. Milliseconds, at most `sessions`. */
  readonly content: number | undefined;
  /** Absolute path of the folder that archived sessions are exported to; undefined: the one in Tollgate's own folder. */
  readonly archive: string | undefined;
  readonly quotas: Quotas;
}

/** Bytes. */
export interface Quotas {
  /** What the whole store may take. */
  readonly store: number | undefined;
  /** What the sealed contents of one principal's sessions may take together. */
  readonly principal: number | undefined;
}

export type Quota = keyof Quotas;

/** Nothing new is kept: it would go beyond this quota. */
export interface OverQuota {
  readonly quota: Quota;
}

/** For people, without a full stop. */
export const quotaWords = ({ quota }: OverQuota): string =>
  quota === 'store'
    ? 'the ledger has reached its quota (retention.quota in gateway.yaml)'
    : 'what is kept of this principal has reached its quota (retention.principal_quota in gateway.yaml)';

export const KEEP_ALL: Retention = {
  sessions: undefined,
  content: undefined,
  archive: undefined,
  quotas: { store: undefined, principal: undefined },
};

/** Where a chain ends: how many entries there are, and the hash of the last. */
interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

/** A hold as it is stored, without what it would send: that lies beside the entry that placed it. */
export type StoredHold = Omit<Hold, 'session' | 'lineage' | 'effective' | 'agentReason' | 'isVoid'>;

/** A session at one moment, and where in the journal its entries are. */
export interface Outline {
  readonly session: Session;
  readonly lineage: string;
  readonly labels: readonly string[];
  /** Charges, and the runtime of intervals that are over. */
  readonly used: Amounts;
  /** What people added to the caps of the policy. */
  readonly extended: Amounts;
  readonly head: ChainEnd;
  /** Its contents were erased for good. */
  readonly erased: boolean;
  /** Places in the journal, oldest first. */
  readonly entries: readonly number[];
  /** Oldest first. */
  readonly holds: readonly StoredHold[];
}

/** An entry as it is stored, and what lies beside it. */
export interface Passage {
  readonly seq: number;
  readonly at: number;
  readonly kind: EntryKind;
  readonly call: string | undefined;
  /** The very text that the hash covers. */
  readonly body: string;
  readonly hash: string;
  readonly text: string | undefined;
  readonly reason: string | undefined;
}

/** The end of an archived session, about to be made true: its export is written, its contents go. */
export interface Archiving {
  readonly session: string;
  /** The head that was exported: where the session has gone on since, nothing is erased. */
  readonly head: ChainEnd;
  /** Digest of the export. */
  readonly export: string;
  readonly by: string;
  readonly why: string;
  readonly at: number;
}

/** Sessions that are over, by what is due: they ended at or before these times. Milliseconds since the epoch. */
export interface DueBy {
  readonly content: number | undefined;
  readonly sessions: number | undefined;
  /** Now: holds that have lapsed by then wait for nobody. */
  readonly at: number;
}

export interface Due {
  /** To be exported and erased. */
  readonly archive: readonly string[];
  /** Archived, and to be removed. */
  readonly remove: readonly string[];
}

/** What the ledger does so that sessions can leave it. All reject with `LedgerFault`, as its other methods do. */
export interface Retaining {
  outline(session: string): Promise<Outline | undefined>;
  /** These entries of a session, in this order; contents opened where they are asked for and still there. */
  passages(session: string, entries: readonly number[], contents: boolean): Promise<readonly Passage[]>;
  /** What the gateway chain says of the policies with these digests: names, texts, lock. */
  policies(digests: readonly string[]): Promise<readonly JsonObject[]>;
  due(by: DueBy): Promise<Due>;
  /**
   * Whether a session may be archived now. Refused, with a sentence, where it is not over, while a call of it is in flight or one
   * of its lineage waits for a person, and while one that follows it is not over: its agent is shown what is kept.
   */
  archivable(session: string, at: number): Promise<Result<void, string>>;
  /**
   * Destroys the key and the contents of a session, and says so in its chain and in the gateway's. Refuses as `archivable`
   * does, and where the chain is not the one that was exported.
   */
  archive(archiving: Archiving): Promise<Result<void, string>>;
  /**
   * Removes an archived session with its chain, calls, holds and events; the gateway chain keeps how long the chain was and how
   * it ended. Refuses, with a sentence, while a session that follows it is not over, and where one would follow if its agent
   * came back: that one is to have its labels.
   */
  remove(session: string, at: number): Promise<Result<void, string>>;
}
