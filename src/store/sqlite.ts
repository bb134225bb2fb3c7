/**
 * The ledger in one SQLite file.
 *
 * PURPOSE. One exact record of sessions, budgets, holds, grants and the journal, for one machine: the gateway owns the
 * file, command lines visit it at the same time, and any of them may be killed at any moment. What was promised before
 * the kill is there after it; what was not promised left nothing.
 *
 * FORMAT (schema.ts). WAL mode. `session` holds what a session used and touched, when its calls in flight began, and the
 * head of its chain. `journal` holds all chains, interleaved in commit order as rowid appends: each entry stores the
 * rowid of its predecessor, and only the head knows where a chain ends, since an index over (session, seq) would cost
 * three times as much. `call` has one row per intent, completed at the outcome, with digests, sums and test results that
 * rules over earlier calls ask of it. `hold` has one row per hold; an answer and its use are columns of it. `content`
 * holds arguments and results beside their journal entry, AES-256-GCM under a key of the session, and that key lies
 * wrapped in the session's row: whoever has the file and not the key reads digests.
 *
 * WHAT MAKES AN ENTRY VALID. Its `seq` is one more than its predecessor's, its `prev` is that entry's rowid, and its
 * hash is `chainHash` over that entry's hash and its own stored text. A chain is valid when its entries are, the last is
 * the one that its head names, and as many are there as its head counts. The gateway chain, whose head lies in `ledger`,
 * names every session that was opened, so that a session cannot go missing with its chain. `verify` reads the table
 * once and names the first entry of each chain that fails. Who may write the file may also write the heads: against that
 * a head must be kept elsewhere.
 *
 * WHERE THE BARRIERS FALL. One thread of this process writes (writer.ts). What is asked in turns of the event loop that
 * follow each other goes to it as one message, and all that has arrived runs in one BEGIN IMMEDIATE: the file is locked,
 * a foreign write since the last batch voids what memory holds, and every operation judges all before it changes
 * anything. A promise resolves only after COMMIT. The commit reaches the disk (synchronous FULL) when the batch opens or
 * changes a session, raises a label, places or answers a hold, or holds the intent or outcome of a call that is no
 * `read`; a batch of reads and refusals is committed without waiting for the disk (NORMAL): a loss of power may take its
 * end, never its middle, and the next FULL commit carries it along. Where an operation throws, the batch is rolled back
 * and each of its operations runs in a transaction of its own; where the transaction itself fails, all of them are
 * refused.
 *
 * RECOVERY. SQLite replays or drops an unfinished transaction when the file is opened. An intent without an outcome then
 * belongs to a process that is gone: `recover`, which only the owner calls, at its start, settles it as `unknown`,
 * ends its runtime at its deadline if that has passed, and refunds nothing. An outcome that comes after that is ignored.
 */
import type { Accepted } from '../domain/acceptance.ts';
import type { Demand } from '../domain/history.ts';
import type { Decision, Hold } from '../domain/hold.ts';
import type { Draft, Entry } from '../domain/journal.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Asking, Commitment, Intent, Ledger, Placed, Placing, Recorded, Settlement } from '../domain/ports.ts';
import type { Result } from '../domain/result.ts';
import type { Session, SessionKey, SessionVerb, Snapshot } from '../domain/session.ts';
import type { ContentPart, Role } from './operations.ts';
import { Snapshots, snapshotOf } from './snapshots.ts';
import { Waiters } from './waiters.ts';
import { type News, WriterThread } from './writer-thread.ts';

export interface LedgerOptions {
  /** Path of the database. The owner creates it, with mode 0600; its folder must exist. */
  readonly file: string;
  /** 32 bytes: the master key that wraps the sessions' content keys. A ledger opens only under the key it was made with. */
  readonly contentKey: Uint8Array;
  /** A visitor reads, decides and changes what is there; only the owner creates the file and recovers calls. */
  readonly role: Role;
}

/** Rejects with `LedgerFault` where the file, its format or the key does not allow it. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const snapshots = new Snapshots();
  const waiters = new Waiters((occupied) => writer.watch(occupied));
  const { writer, instance } = await WriterThread.start(options, (news) => hear(news, snapshots, waiters));
  return new SqliteLedger(instance, writer, snapshots, waiters);
}

function hear(news: News, snapshots: Snapshots, waiters: Waiters): void {
  if (news.kind !== 'answers') {
    snapshots.void();
    waiters.wakeAll();
    return;
  }
  if (news.foreign) snapshots.void();
  for (const known of news.moved) snapshots.learn(known);
  waiters.wake(news.changed);
}

class SqliteLedger implements Ledger {
  readonly instance: string;
  readonly #writer: WriterThread;
  readonly #snapshots: Snapshots;
  readonly #waiters: Waiters;

  constructor(instance: string, writer: WriterThread, snapshots: Snapshots, waiters: Waiters) {
    this.instance = instance;
    this.#writer = writer;
    this.#snapshots = snapshots;
    this.#waiters = waiters;
  }

  async enter(key: SessionKey, at: number): Promise<Snapshot> {
    const cached = this.#snapshots.ofKey(key, at);
    if (cached !== undefined) return cached;
    return snapshotOf(await this.#writer.ask('enter', { key, at }), at);
  }

  async find(key: SessionKey, at: number): Promise<Snapshot | undefined> {
    const cached = this.#snapshots.ofKey(key, at);
    if (cached !== undefined) return cached;
    const known = await this.#writer.ask('find', { key });
    return known === undefined ? undefined : snapshotOf(known, at);
  }

  async look(session: string, at: number): Promise<Snapshot | undefined> {
    const cached = this.#snapshots.of(session, at);
    if (cached !== undefined) return cached;
    const known = await this.#writer.ask('look', { session });
    return known === undefined ? undefined : snapshotOf(known, at);
  }

  /** The newest first. */
  async sessions(at: number): Promise<readonly Snapshot[]> {
    return (await this.#writer.ask('sessions', undefined)).map((known) => snapshotOf(known, at));
  }

  change(session: string, verb: SessionVerb, by: string, why: string, at: number): Promise<Result<Session, string>> {
    return this.#writer.ask('change', { session, verb, by, why, at });
  }

  commit(intent: Intent): Promise<Commitment> {
    return this.#writer.ask('commit', intent);
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#writer.ask('settle', settlement);
  }

  async recorded(call: string): Promise<Recorded | undefined> {
    const kept = await this.#writer.ask('recorded', { call });
    return kept === undefined ? undefined : { at: kept.at, outcome: JSON.parse(kept.text) as Outcome };
  }

  unmet(
    { session, target, digest }: Parameters<Ledger['unmet']>[0],
    demands: readonly Demand[],
    at: number,
  ): ReturnType<Ledger['unmet']> {
    return this.#writer.ask('unmet', { call: { session, target, digest }, demands, at });
  }

  append(draft: Draft, content?: string): Promise<void> {
    return this.#writer.ask('append', { draft, content });
  }

  ask(asking: Asking): Promise<boolean> {
    return this.#writer.ask('ask', asking);
  }

  place(placing: Placing): Promise<Placed> {
    return this.#writer.ask('place', placing);
  }

  hold(id: string, at: number): Promise<Hold | undefined> {
    return this.#writer.ask('hold', { id, at });
  }

  /** Without `open`: all, whatever became of them. */
  holds({ open }: { readonly open: boolean }, at: number): Promise<readonly Hold[]> {
    return this.#writer.ask('holds', { open, at });
  }

  decide(id: string, decision: Decision): Promise<Result<Hold, string>> {
    return this.#writer.ask('decide', { id, decision });
  }

  accepted(profile: string, file: string): Promise<readonly Accepted[]> {
    return this.#writer.ask('accepted', { profile, file });
  }

  accept(accepted: Accepted, widenings: readonly string[]): Promise<Result<void, string>> {
    return this.#writer.ask('accept', { accepted, widenings });
  }

  recover(at: number): Promise<number> {
    return this.#writer.ask('recover', { at });
  }

  journal(session: string): Promise<readonly Entry[]> {
    return this.#writer.ask('journal', { session });
  }

  content(call: string, part: ContentPart): Promise<string | undefined> {
    return this.#writer.ask('content', { call, part });
  }

  verify(): Promise<readonly string[]> {
    return this.#writer.ask('verify', undefined);
  }

  /**
   * Ask first, read afterwards, then await: what changes in between is not missed. A foreign write wakes everybody
   * within 100 ms, whatever it was about; so does the end of the ledger.
   */
  changed(key: `hold:${string}` | `call:${string}`, signal: AbortSignal): Promise<void> {
    return this.#waiters.wait(key, signal);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
