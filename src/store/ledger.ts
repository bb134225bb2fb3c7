/** The ledger as the path knows it: snapshots from memory, everything else asked of its home. */
import type { Accepted } from '../domain/acceptance.ts';
import type { Overdrawn } from '../domain/budget.ts';
import type { Demand } from '../domain/history.ts';
import type { Decision, Hold } from '../domain/hold.ts';
import type { Draft, Entry } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import type { CallPage, EventPage, HoldPage, MadeCall, NewEvent, Report, Unwritten } from '../domain/memory.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Placed, Placing } from '../domain/placing.ts';
import type {
  AgeLimit,
  Asking,
  Changing,
  Commitment,
  Count,
  EntryLimits,
  Intent,
  Ledger,
  Recorded,
  Settlement,
} from '../domain/ports.ts';
import type { Records } from '../domain/records.ts';
import type { Claim, Replicas } from '../domain/replicas.ts';
import { ok, type Result } from '../domain/result.ts';
import type { Archiving, Due, DueBy, Outline, OverQuota, Passage } from '../domain/retention.ts';
import {
  type Creation,
  type Described,
  isAged,
  type Session,
  type SessionKey,
  type SessionStanding,
  type SessionState,
  type SessionVerb,
  type Snapshot,
} from '../domain/session.ts';
import type { Bar, Stop, Stopping } from '../domain/stop.ts';
import type { LedgerHome } from './ledger-home.ts';
import type { ContentPart, Known } from './operations.ts';
import { type Snapshots, snapshotOf } from './snapshots.ts';
import { StoredFindings } from './stored-findings.ts';
import { StoredRecords, standingOf } from './stored-records.ts';
import { StoredTelling } from './stored-telling.ts';
import type { Waiters } from './waiters.ts';

/** Who this process is among those that share the store. */
export type Membership = Pick<Ledger, 'standing' | 'replicas'>;

export class StoredLedger extends StoredFindings implements Ledger {
  readonly instance: string;
  readonly replicas: Replicas | undefined;
  readonly records: Records;
  readonly telling: StoredTelling;
  readonly #standing: () => Claim;
  readonly #home: LedgerHome;
  readonly #snapshots: Snapshots;
  readonly #waiters: Waiters;

  /** Who performs the operations keeps `snapshots` right and wakes `waiters`. */
  constructor(
    instance: string,
    home: LedgerHome,
    snapshots: Snapshots,
    waiters: Waiters,
    { standing, replicas }: Membership,
  ) {
    super(home);
    this.instance = instance;
    this.replicas = replicas;
    this.records = new StoredRecords(home);
    this.telling = new StoredTelling(home, () => standing().replica);
    this.#standing = standing;
    this.#home = home;
    this.#snapshots = snapshots;
    this.#waiters = waiters;
  }

  standing(): Claim {
    return this.#standing();
  }

  async enter(key: SessionKey, at: number, limits: EntryLimits = {}): Promise<Result<Snapshot, Overdrawn | OverQuota>> {
    const cached = this.#snapshots.ofKey(key, at);
    if (cached !== undefined && !isAged(cached.session, limits.maxAge, at)) return ok(cached);
    return snapshotIn(await this.#home.ask('enter', { key, at, ...limits }), at);
  }

  async create(creation: Creation): Promise<Result<Snapshot, Overdrawn | OverQuota>> {
    return snapshotIn(await this.#home.ask('create', creation), creation.at);
  }

  async describe(session: string, at: number): Promise<Described | undefined> {
    const found = await this.#home.ask('describe', { session, at });
    return found && { ...standingOf(found, at), description: found.description };
  }

  async find(key: SessionKey, at: number): Promise<Snapshot | undefined> {
    const cached = this.#snapshots.ofKey(key, at);
    if (cached !== undefined) return cached;
    const known = await this.#home.ask('find', { key });
    return known === undefined ? undefined : snapshotOf(known, at);
  }

  async look(session: string, at: number): Promise<Snapshot | undefined> {
    const cached = this.#snapshots.of(session, at);
    if (cached !== undefined) return cached;
    const known = await this.#home.ask('look', { session });
    return known === undefined ? undefined : snapshotOf(known, at);
  }

  /** The newest first. */
  async sessions(at: number): Promise<readonly SessionStanding[]> {
    return (await this.#home.ask('sessions', { at })).map((one) => standingOf(one, at));
  }

  expireAged(limits: readonly AgeLimit[], at: number): Promise<readonly string[]> {
    return this.#home.ask('expireAged', { limits, at });
  }

  change(session: string, verb: SessionVerb, by: string, why: string, at: number): Promise<Result<Session, string>> {
    return this.#home.ask('change', { session, verb, by, why, at });
  }

  commit(intent: Intent): Promise<Commitment> {
    return this.#home.ask('commit', intent);
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#home.ask('settle', settlement);
  }

  async recorded(call: string): Promise<Recorded | undefined> {
    const kept = await this.#home.ask('recorded', { call });
    return kept === undefined ? undefined : { at: kept.at, outcome: JSON.parse(kept.text) as Outcome };
  }

  unmet(
    { session, target, digest }: Parameters<Ledger['unmet']>[0],
    demands: readonly Demand[],
    at: number,
  ): ReturnType<Ledger['unmet']> {
    return this.#home.ask('unmet', { call: { session, target, digest }, demands, at });
  }

  append(draft: Draft, content?: string, count?: Count): Promise<void> {
    return this.#home.ask('append', { draft, content, count });
  }

  ask(asking: Asking): Promise<boolean> {
    return this.#home.ask('ask', asking);
  }

  place(placing: Placing): Promise<Placed> {
    return this.#home.ask('place', placing);
  }

  hold(id: string, at: number): Promise<Hold | undefined> {
    return this.#home.ask('hold', { id, at });
  }

  /** Without `open`: all, whatever became of them. */
  holds({ open }: { readonly open: boolean }, at: number): Promise<readonly Hold[]> {
    return this.#home.ask('holds', { open, at });
  }

  decide(id: string, decision: Decision): Promise<Result<Hold, string>> {
    return this.#home.ask('decide', { id, decision });
  }

  async withdraw(id: string, at: number): Promise<void> {
    await this.#home.ask('withdraw', { id, at });
  }

  stop(stopping: Stopping): Promise<Result<Stop, string>> {
    return this.#home.ask('stop', stopping);
  }

  lift(id: string, by: string, why: string, at: number): Promise<Result<Stop, string>> {
    return this.#home.ask('lift', { id, by, why, at });
  }

  stops(): Promise<readonly Stop[]> {
    return this.#home.ask('stops', { standing: false });
  }

  stopsStanding(heard: 'last' | 'now' = 'last'): Promise<readonly Stop[]> {
    if (heard === 'now') this.#snapshots.hear(['stops']);
    return this.#snapshots.standing(() => this.#home.ask('stops', { standing: true }));
  }

  barred(session: string | undefined, server: string): Promise<Bar | undefined> {
    return this.#home.ask('barred', { session, server });
  }

  states(sessions: readonly string[]): Promise<ReadonlyMap<string, SessionState>> {
    return this.#home.ask('states', { sessions });
  }

  addEvent(event: NewEvent): Promise<Result<number, Unwritten>> {
    return this.#home.ask('addEvent', event);
  }

  report(spent: Report): Promise<Result<number, Unwritten>> {
    return this.#home.ask('report', spent);
  }

  events(session: string, after: number): Promise<EventPage> {
    return this.#home.ask('events', { session, after });
  }

  calls(session: string, before: string | undefined): Promise<CallPage> {
    return this.#home.ask('calls', { session, before });
  }

  madeCall(session: string, call: string): Promise<MadeCall | undefined> {
    return this.#home.ask('madeCall', { session, call });
  }

  approvedBefore({ id, lineage, target, principal }: Hold, at: number): Promise<Hold | undefined> {
    return this.#home.ask('approvedBefore', { id, lineage, target, principal, at });
  }

  holdsOf(session: string, at: number): Promise<HoldPage> {
    return this.#home.ask('holdsOf', { session, at });
  }

  accepted(profile: string, file: string): Promise<readonly Accepted[]> {
    return this.#home.ask('accepted', { profile, file });
  }

  accept(accepted: Accepted, widenings: readonly string[]): Promise<Result<void, string>> {
    return this.#home.ask('accept', { accepted, widenings });
  }

  recover(at: number): Promise<number> {
    return this.#home.ask('recover', { at, own: this.standing().replica });
  }

  journal(session: string): Promise<readonly Entry[]> {
    return this.#home.ask('journal', { session });
  }

  content(call: string, part: ContentPart): Promise<string | undefined> {
    return this.#home.ask('content', { call, part });
  }

  verify(): Promise<readonly string[]> {
    return this.#home.ask('verify', undefined);
  }

  outline(session: string): Promise<Outline | undefined> {
    return this.#home.ask('outline', { session });
  }

  passages(session: string, entries: readonly number[], contents: boolean): Promise<readonly Passage[]> {
    return this.#home.ask('passages', { session, entries, contents });
  }

  policies(digests: readonly string[]): Promise<readonly JsonObject[]> {
    return this.#home.ask('policies', { digests });
  }

  due(by: DueBy): Promise<Due> {
    return this.#home.ask('due', by);
  }

  archivable(session: string, at: number): Promise<Result<void, string>> {
    return this.#home.ask('archivable', { session, at });
  }

  archive(archiving: Archiving): Promise<Result<void, string>> {
    return this.#home.ask('archive', archiving);
  }

  remove(session: string, at: number): Promise<Result<void, string>> {
    return this.#home.ask('remove', { session, at });
  }

  /**
   * Ask first, read afterwards, then await: what changes in between is not missed. A foreign write wakes everybody
   * within 100 ms, whatever it was about; so does the end of the ledger.
   */
  changed(key: Changing, signal: AbortSignal): Promise<void> {
    return this.#waiters.wait(key, signal);
  }

  close(): Promise<void> {
    return this.#home.close();
  }
}

const snapshotIn = (
  known: Result<Known, Overdrawn | OverQuota>,
  at: number,
): Result<Snapshot, Overdrawn | OverQuota> => (known.ok ? ok(snapshotOf(known.value, at)) : known);
