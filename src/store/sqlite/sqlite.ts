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
import { randomBytes } from 'node:crypto';
import type { Ledger } from '../../domain/ports.ts';
import { StoredLedger } from '../ledger.ts';
import type { Role } from '../operations.ts';
import { Snapshots } from '../snapshots.ts';
import { Waiters } from '../waiters.ts';
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
export async function openSqlite(options: LedgerOptions): Promise<Ledger> {
  const snapshots = new Snapshots();
  const waiters = new Waiters((occupied) => writer.watch(occupied));
  const { writer, instance } = await WriterThread.start(options, (news) => hear(news, snapshots, waiters));
  // The owner has no rival: the lock of its home says so for as long as it runs.
  const standing = { replica: `r_${randomBytes(16).toString('base64url')}`, holds: () => true };
  return new StoredLedger(instance, writer, snapshots, waiters, { standing: () => standing, replicas: undefined });
}

function hear(news: News, snapshots: Snapshots, waiters: Waiters): void {
  if (news.kind !== 'answers') {
    snapshots.void();
    waiters.wakeAll();
    return;
  }
  if (news.foreign) snapshots.void();
  for (const known of news.moved) snapshots.learn(known);
  snapshots.hear(news.changed);
  waiters.wake(news.changed);
}
