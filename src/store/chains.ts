/** The journal's chains in one table: appending at a head, walking one back from its head, and verifying all. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Draft, Entry, EntryKind } from '../domain/journal.ts';
import { CHAIN_START, chainHash, GATEWAY_CHAIN } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';

/** Where a chain ends: its last entry (0 for none), that entry's hash, and how many entries there are. */
export interface Head {
  entry: number;
  hash: string;
  seq: number;
}

interface JournalRow {
  readonly entry: number;
  readonly session: string;
  readonly seq: number;
  readonly prev: number;
  readonly at: number;
  readonly kind: EntryKind;
  readonly call: string | null;
  readonly body: string;
  readonly hash: string;
}

export class Chains {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #entry: StatementSync;
  readonly #refusals: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(
      'INSERT INTO journal (session, seq, prev, at, kind, call, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#entry = db.prepare('SELECT * FROM journal WHERE entry = ?');
    this.#refusals = db.prepare(
      `SELECT session, entry FROM journal WHERE call = ? AND kind = 'refused' ORDER BY entry DESC`,
    );
  }

  /** Appends at `head` and moves it. The caller stores the head in the same transaction. */
  append(head: Head, draft: Draft): void {
    const body = JSON.stringify(draft.body);
    const seq = head.seq + 1;
    const hash = chainHash(head.hash, draft, seq, body);
    const { session, at, kind, call } = draft;
    const inserted = this.#insert.run(session, seq, head.entry, at, kind, call ?? null, body, hash);
    head.entry = Number(inserted.lastInsertRowid);
    head.hash = hash;
    head.seq = seq;
  }

  /**
   * A chain's entries, oldest first, walked back from its head. Where an entry was removed by force the walk ends, so
   * that the first `seq` is not 1: `verify` says what happened.
   */
  walk(head: Head, session: string): readonly Entry[] {
    const rows: JournalRow[] = [];
    let next = head.entry;
    while (next !== 0) {
      const row = this.#entry.get(next) as JournalRow | undefined;
      if (row === undefined || row.session !== session || row.prev >= next) break;
      rows.push(row);
      next = row.prev;
    }
    return rows.reverse().map((row, index) => entryOf(row, rows[index - 1]?.hash ?? CHAIN_START));
  }

  /** The entries that say that a call was refused, the newest first. */
  refusals(call: string): readonly { readonly session: string; readonly entry: number }[] {
    return this.#refusals.all(call) as unknown as readonly { readonly session: string; readonly entry: number }[];
  }

  /**
   * Reads the whole table once, in commit order, and follows every chain; `heads` are the chains that must be there.
   * One sentence per broken chain, about the first entry that does not follow from its predecessor.
   */
  verify(heads: ReadonlyMap<string, Head>): readonly string[] {
    const reached = new Map<string, Head>();
    const problems = new Map<string, string>();
    for (const row of this.#db.prepare('SELECT * FROM journal ORDER BY entry').iterate() as Iterable<unknown>) {
      const entry = row as JournalRow;
      if (problems.has(entry.session)) continue;
      const last = reached.get(entry.session) ?? { entry: 0, hash: CHAIN_START, seq: 0 };
      const problem = heads.has(entry.session) ? breakOf(last, entry) : 'the session itself is missing';
      if (problem !== undefined) problems.set(entry.session, problem);
      else reached.set(entry.session, { entry: entry.entry, hash: entry.hash, seq: entry.seq });
    }
    for (const [session, head] of heads) {
      const problem = problems.get(session) ?? tailOf(reached.get(session), head);
      if (problem !== undefined) problems.set(session, problem);
    }
    for (const session of this.#opened()) {
      if (!heads.has(session)) problems.set(session, 'the session itself is missing');
    }
    return [...problems].map(([session, problem]) => `${session}: ${problem}`);
  }

  /** The sessions that the gateway chain says were opened. Not parsed: somebody may have written the text by force. */
  *#opened(): Iterable<string> {
    const opened = this.#db.prepare(`SELECT body FROM journal WHERE session = ? AND kind = 'opened'`);
    for (const row of opened.iterate(GATEWAY_CHAIN)) {
      const session = /"session":"([^"]+)"/.exec(String(row['body']))?.[1];
      if (session !== undefined) yield session;
    }
  }
}

const entryOf = (row: JournalRow, prev: string): Entry => ({
  session: row.session,
  kind: row.kind,
  call: row.call ?? undefined,
  at: row.at,
  body: JSON.parse(row.body) as JsonObject,
  seq: row.seq,
  prev,
  hash: row.hash,
});

/** Why `row` does not follow from `last`, if it does not. */
function breakOf(last: Head, row: JournalRow): string | undefined {
  const due = last.seq + 1;
  if (row.seq !== due) return `entry ${due} is missing or out of its place`;
  const draft = { session: row.session, at: row.at, kind: row.kind, call: row.call ?? undefined };
  if (row.prev !== last.entry || chainHash(last.hash, draft, row.seq, row.body) !== row.hash) {
    return `entry ${due} was changed, or does not follow from the one before it`;
  }
  return undefined;
}

/** Why a chain that was followed to `reached` does not end where its head says, if it does not. */
function tailOf(reached: Head | undefined, head: Head): string | undefined {
  const seq = reached?.seq ?? 0;
  if (seq < head.seq) return `entry ${seq + 1} is missing: the chain was cut off`;
  if (seq > head.seq) return `entry ${head.seq + 1} was added by force`;
  return seq > 0 && reached?.hash !== head.hash ? `entry ${seq} is not the one that was written last` : undefined;
}
