/** What the path needs from the world. Each port has one contract, tested over all its homes. */
import type { Accepted } from './acceptance.ts';
import type { Amounts, Overdrawn, PrincipalCap } from './budget.ts';
import type { Effect } from './contract.ts';
import type { Findings } from './finding.ts';
import type { Demand, Fields, Unmet } from './history.ts';
import type { Decision, Hold, Redeeming } from './hold.ts';
import type { Draft, Entry } from './journal.ts';
import type { JsonObject } from './json.ts';
import type { CallPage, EventPage, HoldPage, MadeCall, NewEvent, Report, Unwritten } from './memory.ts';
import type { Telling } from './notification.ts';
import type { Outcome, OutcomeWord } from './outcome.ts';
import type { Known } from './person.ts';
import type { Holds } from './placing.ts';
import type { Records } from './records.ts';
import type { Claim, Replicas } from './replicas.ts';
import type { Result } from './result.ts';
import type { OverQuota, Quota, Retaining } from './retention.ts';
import type {
  Creation,
  Described,
  Session,
  SessionKey,
  SessionStanding,
  SessionState,
  SessionVerb,
  Snapshot,
} from './session.ts';
import type { Bar, Stop, Stopping } from './stop.ts';

/** Milliseconds since the epoch. */
export type Now = () => number;

/** The own folder of a session, an absolute path: what `${session.dir}` stands for. */
export type DirOf = (session: string) => string;

/** Unguessable ids with a prefix that says of what: `call`, `s`, `h`. */
export type NewId = (prefix: 'call' | 's' | 'h') => string;

/** What `commit` is asked to make true, in one transaction. */
export interface Intent {
  readonly call: string;
  readonly session: string;
  /** The replica that makes the call. */
  readonly replica: string;
  readonly at: number;
  readonly target: string;
  readonly effect: Effect;
  /** Digest and RFC 8785 text of the effective arguments. */
  readonly digest: string;
  readonly canonical: string;
  readonly claims: Amounts;
  /** The policy's; what people added to them is the ledger's to know. Retries are counted where they are capped. */
  readonly caps: Amounts;
  /** Budgets are full again so many milliseconds after their first charge; undefined is never. */
  readonly renew: number | undefined;
  /** When the session is too old to make calls, milliseconds since the epoch; undefined is never. */
  readonly expiresAt: number | undefined;
  /** What all sessions of its principal under its profile may use together. */
  readonly principalCaps: readonly PrincipalCap[];
  /** The longest the exchange may take, in milliseconds; the runtime left may shorten it. */
  readonly timeout: number;
  /** What earlier calls must be like. */
  readonly demands: readonly Demand[];
  /** Labels that the session has from now on. */
  readonly labels: readonly string[];
  /** The labels that it was judged by; undefined where none count. Others than the session has are `stale`. */
  readonly judgedBy: readonly string[] | undefined;
  /** The server of production that it reaches, which its session must be let to, or is by this grant; undefined: none. */
  readonly production: string | undefined;
  /** What rules over earlier calls may ask of this one later. */
  readonly fields: Fields;
  /** Kept beside the arguments, as content. */
  readonly agentReason: string | undefined;
  /** The grant to consume. */
  readonly grant: Redeeming | undefined;
  /** Written to the journal with the intent: rules, policy and pin digests, client, trace. */
  readonly body: JsonObject;
}

export type Commitment =
  | { readonly ok: true; readonly entry: number; readonly deadline: number }
  | { readonly ok: false; readonly reason: 'over_budget'; readonly overdrawn: Overdrawn }
  | { readonly ok: false; readonly reason: 'unmet'; readonly unmet: Unmet }
  /** The session may not run calls now, or a person stopped this one. */
  | ({ readonly ok: false } & Bar)
  /**
   * The grant is used, lapsed or not for this call, the session has touched more meanwhile, or it has expired and its
   * successor is to be entered: decide once more.
   */
  | { readonly ok: false; readonly reason: 'stale' }
  /** An identical call that is no `read` is in flight, or ended as `unknown`. */
  | { readonly ok: false; readonly reason: 'repeated'; readonly call: string }
  /** What is kept has reached its quota. */
  | { readonly ok: false; readonly reason: 'over_quota'; readonly quota: Quota };

/** A server's question to the client, about to be put. */
export interface Asking {
  readonly draft: Draft;
  /** What is counted, such as `asked.crm.sampling`: in the session's used amounts. */
  readonly kind: string;
  readonly max: number | undefined;
}

/** One more of a kind of budget. It is never counted past `most` and what people added to that. */
export interface Count {
  readonly kind: string;
  readonly most: number | undefined;
}

export interface Settlement {
  readonly call: string;
  readonly session: string;
  readonly at: number;
  readonly outcome: OutcomeWord;
  /** Of its result, what rules over earlier calls may ask later. */
  readonly fields: Fields;
  /** What it claimed and did not need, by kind: given back. */
  readonly unspent: Amounts;
  /** What to keep for an identical call: the outcome as JSON text, under the session's key. */
  readonly recorded: string | undefined;
  readonly body: JsonObject;
}

/** A settled call's outcome, as it was recorded. */
export interface Recorded {
  readonly at: number;
  readonly outcome: Outcome;
}

/** What a profile says of whom it lets in, and for how long. */
export interface EntryLimits {
  /** Older than this (milliseconds) a session expires; undefined is for ever. */
  readonly maxAge?: number | undefined;
  /** As many live sessions its principal may have under the profile; undefined is any number. */
  readonly mostSessions?: number | undefined;
}

export interface AgeLimit {
  readonly profile: string;
  readonly maxAge: number;
}

/** What can be waited for: a hold or any, a call, a session or any, a lineage's events and holds, unknown outcomes, what is stopped. */
export type Changing =
  | `hold:${string}`
  | `call:${string}`
  | `session:${string}`
  | `memory:${string}`
  | 'sessions'
  | 'holds'
  | 'outcomes'
  | 'stops';

/**
 * The ledger: one exact record of sessions, budgets, holds, grants and the journal. All methods reject with
 * `LedgerFault` when the store cannot be read or written; the path then refuses everything (fail closed).
 */
export interface Ledger extends Holds, Retaining, Findings {
  /** Names this ledger; signed into every grant. */
  readonly instance: string;
  /** The other gateways on it; undefined where only one may own it. */
  readonly replicas: Replicas | undefined;
  readonly records: Records;
  readonly telling: Telling;
  /** This process's own claim to be alive: calls are committed under it, and made only while it holds. */
  standing(): Claim;

  /**
   * The live implicit session of this key. One that is too old expires. Where there is none, one is opened, `running`: the
   * successor of one that expired, with its lineage, its labels and what it used. None is opened where its principal has as
   * many live ones under the profile as it may, or where a quota leaves no room: those that are there go on.
   */
  enter(key: SessionKey, at: number, limits?: EntryLimits): Promise<Result<Snapshot, Overdrawn | OverQuota>>;
  /** Opens a named session, `created`: found by its id alone, `running` from its first committed call on. */
  create(creation: Creation): Promise<Result<Snapshot, Overdrawn | OverQuota>>;
  /** A session as people see it, with what it is for. Asked of the store itself, never of what is remembered. */
  describe(session: string, at: number): Promise<Described | undefined>;
  /** The live implicit session of this key, where there is one. Opens none. */
  find(key: SessionKey, at: number): Promise<Snapshot | undefined>;
  look(session: string, at: number): Promise<Snapshot | undefined>;
  sessions(at: number): Promise<readonly SessionStanding[]>;
  /**
   * Expires sessions that are older than their profile's `maxAge` (milliseconds). What waits for a person in an implicit one stays
   * for its successor. Their ids.
   */
  expireAged(limits: readonly AgeLimit[], at: number): Promise<readonly string[]>;
  /** Applies a verb, `archive` excepted; refuses with a sentence where its state forbids it. Holds of one that ends are void. */
  change(session: string, verb: SessionVerb, by: string, why: string, at: number): Promise<Result<Session, string>>;

  commit(intent: Intent): Promise<Commitment>;
  settle(settlement: Settlement): Promise<void>;
  /** The outcome of a settled call that was recorded; undefined while it runs, or where nothing was kept. */
  recorded(call: string): Promise<Recorded | undefined>;
  /** `content` is kept beside the entry, under the session's key: the arguments of a refused call. */
  append(draft: Draft, content?: string, count?: Count): Promise<void>;
  /**
   * The first of these demands of a call that earlier calls do not meet now; `commit` asks again. `repeated` where that very
   * call is what stands against itself: it is in flight, ended as `unknown`, or ran on its grant within `USE_WITHIN`.
   */
  unmet(
    call: Pick<Intent, 'session' | 'target' | 'digest'>,
    demands: readonly Demand[],
    at: number,
  ): Promise<Unmet | { readonly repeated: string } | undefined>;
  /** Counts a question of a server and journals it; false, and nothing counted, where `max` were asked in this session. */
  ask(asking: Asking): Promise<boolean>;

  /** Stands from now on, for every process. Refuses, with a sentence, what is not there. */
  stop(stopping: Stopping): Promise<Result<Stop, string>>;
  /** Refuses, with a sentence, where there is no such stop or it is lifted already. */
  lift(id: string, by: string, why: string, at: number): Promise<Result<Stop, string>>;
  /** All there ever were, the newest first. */
  stops(): Promise<readonly Stop[]>;
  /** Those that stand, the oldest first: as this process last heard, or as the store says now. `commit` judges afresh. */
  stopsStanding(heard?: 'last' | 'now'): Promise<readonly Stop[]>;
  /** Why nothing may be opened for this session at this server, or for nobody's use: from the store itself. */
  barred(session: string | undefined, server: string): Promise<Bar | undefined>;
  /** How these sessions stand, from the store itself; one that it does not know is left out. */
  states(sessions: readonly string[]): Promise<ReadonlyMap<string, SessionState>>;
  /** Keeps what an agent of the session writes down, and answers its number: durable when the promise resolves. */
  addEvent(event: NewEvent): Promise<Result<number, Unwritten>>;
  /**
   * Charges what an agent says that it spent elsewhere, whole, even beyond a cap: no further call is made then. Journalled as
   * the agent's own word, and kept as an event, whose number it answers.
   */
  report(spent: Report): Promise<Result<number, Unwritten>>;
  /** The events of a session and its predecessors after the one of that number, in order. */
  events(session: string, after: number): Promise<EventPage>;
  /** The calls of a session and its predecessors, the newest first; those before that one, or all. */
  calls(session: string, before: string | undefined): Promise<CallPage>;
  /** A call of a session or a predecessor. */
  madeCall(session: string, call: string): Promise<MadeCall | undefined>;
  /** The holds of a session and its predecessors, without what they hold. */
  holdsOf(session: string, at: number): Promise<HoldPage>;

  /** Calls that dead processes left in flight become `unknown`. Returns how many. For who owns the store, or shares it. */
  recover(at: number): Promise<number>;

  /**
   * What was accepted of a profile, or of this file under another name: the newest first, at most ten. Who relies on one
   * with a proof judges the proof.
   */
  accepted(profile: string, file: string): Promise<readonly Accepted[]>;
  /**
   * Keeps and journals what is accepted from now on; `widenings` is what a person was shown. Refuses, with a sentence, a proof
   * that was used before, and from a visitor anything without one.
   */
  accept(accepted: Accepted, widenings: readonly string[]): Promise<Result<void, string>>;

  journal(session: string): Promise<readonly Entry[]>;
  /** The arguments or the recorded result of a call, where they were kept. */
  content(call: string, part: 'arguments' | 'result' | 'agent_reason'): Promise<string | undefined>;
  /** Walks every chain; names the first entry of each that does not follow from its predecessor. */
  verify(): Promise<readonly string[]>;

  /** Resolves when that changes, here or in another process, or when `signal` aborts. */
  changed(key: Changing, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The store cannot be used. `message` says where and what to do. */
export class LedgerFault extends Error {
  override readonly name = 'LedgerFault';
}

export interface Approvers {
  /** True when somebody enrolled who does not ask for it has proven `decision` on this hold, an approval as its terms ask. */
  verify(instance: string, hold: Pick<Hold, 'id' | 'binding' | 'principal' | 'terms'>, decision: Decision): boolean;
  /** Whose answers bear this name; undefined: nobody's who is enrolled. */
  personOf(by: string): Known | undefined;
}
