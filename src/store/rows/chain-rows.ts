/** The table of the journal: all chains, interleaved. */
import { type Draft, type Entry, GATEWAY_CHAIN } from '../../domain/journal.ts';
import type { JsonObject } from '../../domain/json.ts';
import { ChainCheck, entriesOf, following, type Head, type JournalRow } from '../chain.ts';
import type { Sql } from '../sql.ts';
import type { Content } from './content-rows.ts';

/** The entries of a chain and nothing of what they say. */
const PLACES = `
  WITH RECURSIVE chain AS (
    SELECT entry, prev, session FROM journal WHERE entry = ? AND session = ? AND prev < entry
    UNION ALL
    SELECT journal.entry, journal.prev, journal.session FROM journal JOIN chain ON journal.entry = chain.prev
    WHERE journal.session = chain.session AND journal.prev < journal.entry
  )
  SELECT entry FROM chain`;

const WALK = `
  WITH RECURSIVE chain AS (
    SELECT * FROM journal WHERE entry = ? AND session = ? AND prev < entry
    UNION ALL
    SELECT journal.* FROM journal JOIN chain ON journal.entry = chain.prev
    WHERE journal.session = chain.session AND journal.prev < journal.entry
  )
  SELECT * FROM chain ORDER BY entry`;

/** The entries of a stretch of a chain: it is walked from its head by numbers alone. */
const STRETCH = `
  WITH RECURSIVE chain AS (
    SELECT entry, prev, seq, session FROM journal WHERE entry = ? AND session = ? AND prev < entry
    UNION ALL
    SELECT journal.entry, journal.prev, journal.seq, journal.session FROM journal JOIN chain ON journal.entry = chain.prev
    WHERE journal.session = chain.session AND journal.prev < journal.entry AND chain.seq > ?
  )
  SELECT journal.* FROM chain JOIN journal ON journal.entry = chain.entry WHERE chain.seq < ? ORDER BY journal.entry`;

/** What lies beside an entry, as it is stored; nulls where nothing does. */
type Beside = { readonly [Part in keyof Content]: Content[Part] | null };

interface Stretch {
  readonly from: number;
  readonly end: number;
}

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

  /** Those numbered `from` and later, before `end`; oldest first. What the first of them follows is not known. */
  async stretch(head: Head, session: string, { from, end }: Stretch): Promise<readonly Entry[]> {
    const rows = await this.#sql.all(STRETCH, head.entry, session, from, end);
    return entriesOf(rows as unknown as readonly JournalRow[]);
  }

  /** Where a chain's entries are, oldest first. */
  async places(head: Head, session: string): Promise<readonly number[]> {
    const rows = await this.#sql.all(`${PLACES} ORDER BY entry`, head.entry, session);
    return rows.map((row) => Number(row['entry']));
  }

  /** An entry of this session with what lies beside it. */
  async find(session: string, entry: number): Promise<(JournalRow & Beside) | undefined> {
    const row = await this.#sql.one(
      `SELECT journal.*, content.sealed, content.reason FROM journal LEFT JOIN content ON content.entry = journal.entry
       WHERE journal.entry = ? AND journal.session = ?`,
      ...[entry, session],
    );
    return row as (JournalRow & Beside) | undefined;
  }

  /** What the gateway chain says of the policies that were in force, oldest first. */
  async policies(): Promise<readonly JsonObject[]> {
    const text = `SELECT body FROM journal WHERE kind = 'policy' AND session = ? ORDER BY entry`;
    return (await this.#sql.all(text, GATEWAY_CHAIN)).map((row) => JSON.parse(String(row['body'])) as JsonObject);
  }

  async removeContents(head: Head, session: string): Promise<void> {
    await this.#sql.run(`DELETE FROM content WHERE entry IN (${PLACES})`, head.entry, session);
  }

  async remove(head: Head, session: string): Promise<void> {
    await this.#sql.run(`DELETE FROM journal WHERE entry IN (${PLACES})`, head.entry, session);
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
    const text = `SELECT body FROM journal WHERE session = ? AND kind IN ('opened', 'state')`;
    const told = (await this.#sql.all(text, GATEWAY_CHAIN)).map((row) => String(row['body']));
    return check.problems(told);
  }
}
