/** The table of the journal: all chains, interleaved in commit order. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Draft, Entry } from '../../domain/journal.ts';
import { GATEWAY_CHAIN } from '../../domain/journal.ts';
import { ChainCheck, entriesOf, following, type Head, isStep, type JournalRow } from '../chain.ts';
import type { ChainRows } from '../rows.ts';

export class SqliteChainRows implements ChainRows {
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

  append(head: Head, draft: Draft): void {
    const { session, seq, prev, at, kind, call, body, hash } = following(head, draft);
    const inserted = this.#insert.run(session, seq, prev, at, kind, call, body, hash);
    head.entry = Number(inserted.lastInsertRowid);
    head.hash = hash;
    head.seq = seq;
  }

  walk(head: Head, session: string): readonly Entry[] {
    const rows: JournalRow[] = [];
    let next = head.entry;
    while (next !== 0) {
      const row = this.#entry.get(next) as JournalRow | undefined;
      if (!isStep(row, session, next)) break;
      rows.push(row);
      next = row.prev;
    }
    return entriesOf(rows);
  }

  refusals(call: string): readonly { readonly session: string; readonly entry: number }[] {
    return this.#refusals.all(call) as unknown as readonly { readonly session: string; readonly entry: number }[];
  }

  verify(heads: ReadonlyMap<string, Head>): readonly string[] {
    const check = new ChainCheck(heads);
    for (const row of this.#db.prepare('SELECT * FROM journal ORDER BY entry').iterate()) {
      check.follow(row as unknown as JournalRow);
    }
    const opened = this.#db.prepare(`SELECT body FROM journal WHERE session = ? AND kind = 'opened'`);
    return check.problems(opened.all(GATEWAY_CHAIN).map((row) => String(row['body'])));
  }
}
