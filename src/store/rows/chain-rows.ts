/** The table of the journal: all chains, interleaved. */
import { type Draft, type Entry, GATEWAY_CHAIN } from '../../domain/journal.ts';
import type { JsonObject } from '../../domain/json.ts';
import { ChainCheck, entriesOf, following, type Head, type JournalRow } from '../chain.ts';
import type { Sql } from '../sql.ts';

const WALK = `
  WITH RECURSIVE chain AS (
    SELECT * FROM journal WHERE entry = ? AND session = ? AND prev < entry
    UNION ALL
    SELECT journal.* FROM journal JOIN chain ON journal.entry = chain.prev
    WHERE journal.session = chain.session AND journal.prev < journal.entry
  )
  SELECT * FROM chain ORDER BY entry`;

export class ChainRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Appends at `head` and moves it. The caller stores the head in the same transaction. */
  async append(head: Head, draft: Draft): Promise<void> {
    const { session, seq, prev, at, kind, call, body, hash } = following(head, draft);
    const entry = await this.#sql.nextEntry();
    await this.#sql.run(
      'INSERT INTO journal (entry, session, seq, prev, at, kind, call, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[entry, session, seq, prev, at, kind, call, body, hash],
    );
    head.entry = entry;
    head.hash = hash;
    head.seq = seq;
  }

  /**
   * A chain's entries, oldest first, walked back from its head. Where an entry was removed by force the walk ends, so
   * that the first `seq` is not 1: `verify` says what happened.
   */
  async walk(head: Head, session: string): Promise<readonly Entry[]> {
    return entriesOf((await this.#sql.all(WALK, head.entry, session)) as unknown as readonly JournalRow[]);
  }

  /** What one entry says. */
  async body(entry: number): Promise<JsonObject> {
    const row = await this.#sql.one('SELECT body FROM journal WHERE entry = ?', entry);
    return row === undefined ? {} : (JSON.parse(String(row['body'])) as JsonObject);
  }

  /** The entries that say that a call was refused, the newest first. */
  async refusals(call: string): Promise<readonly { readonly session: string; readonly entry: number }[]> {
    const text = `SELECT session, entry FROM journal WHERE call = ? AND kind = 'refused' ORDER BY entry DESC`;
    return (await this.#sql.all(text, call)) as unknown as readonly { session: string; entry: number }[];
  }

  /**
   * Reads the whole table once, in order, and follows every chain; `heads` are the chains that must be there.
   * One sentence per broken chain, about the first entry that does not follow from its predecessor.
   */
  async verify(heads: ReadonlyMap<string, Head>): Promise<readonly string[]> {
    const check = new ChainCheck(heads);
    await this.#sql.each('SELECT * FROM journal ORDER BY entry', (row) => check.follow(row as unknown as JournalRow));
    const text = `SELECT body FROM journal WHERE session = ? AND kind = 'opened'`;
    const opened = await this.#sql.all(text, GATEWAY_CHAIN);
    return check.problems(opened.map((row) => String(row['body'])));
  }
}
