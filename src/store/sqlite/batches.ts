/** Runs what is queued in one transaction, and says what came of it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Ask, Known } from '../operations.ts';
import { mustBeDurable, perform, READS } from '../perform.ts';
import { roomIn } from '../room.ts';
import { Sealing } from '../sealing.ts';
import { forget, type Store } from '../store.ts';
import { storeOf } from '../tables.ts';
import { bytesUsed, emptyLog } from './database.ts';
import { faultSentence } from './faults.ts';
import type { Answer, FromWriter, WriterSettings } from './messages.ts';
import { Statements } from './statements.ts';

export type Answers = Extract<FromWriter, { kind: 'answers' }>;

/** What one attempt at a transaction came to. `shared` faults concern the store, not one of the operations. */
type Attempt =
  | { readonly ok: true; readonly answers: readonly Answer[]; readonly moved: readonly Known[] }
  | (Extract<Answer, { fault: string }> & { readonly ok: false; readonly shared: boolean });

export class Batches {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #store: Store;
  readonly #file: string;
  readonly #dataVersion: StatementSync;
  #seen: unknown;
  #full = true;

  constructor(db: DatabaseSync, { file, role, contentKey, quotas }: WriterSettings) {
    this.#db = db;
    this.#statements = new Statements(db);
    const room = quotas === undefined ? undefined : roomIn(quotas, (set) => set(bytesUsed(db)));
    this.#store = storeOf(this.#statements, role, new Sealing(contentKey), room);
    this.#file = file;
    this.#dataVersion = db.prepare('PRAGMA data_version');
    this.#seen = this.dataVersion();
  }

  /** Changes when another connection has written. */
  dataVersion(): unknown {
    return this.#dataVersion.get()?.['data_version'];
  }

  /**
   * In one transaction; where one operation fails, each in its own, so that it harms only itself. One run at a time: the
   * caller waits for the last before the next.
   */
  async run(asks: readonly Ask[]): Promise<Answers> {
    const before = this.#seen;
    const attempts = await this.#attempts(asks);
    this.#store.sessions.trim();
    this.#store.calls.trim();
    const changed = [...this.#store.changed];
    this.#store.changed.clear();
    const answers = attempts.flatMap((attempt) => (attempt.ok ? attempt.answers : [attempt]));
    const moved = attempts.flatMap((attempt) => (attempt.ok ? attempt.moved : []));
    return { kind: 'answers', answers, moved, changed, foreign: this.#seen !== before };
  }

  async #attempts(asks: readonly Ask[]): Promise<readonly Attempt[]> {
    const together = await this.#attempt(asks);
    if (together.ok) return [together];
    if (together.shared) return asks.map(() => together);
    if (asks.length === 1) return [together];
    const attempts: Attempt[] = [];
    for (const ask of asks) attempts.push(await this.#attempt([ask]));
    return attempts;
  }

  async #attempt(asks: readonly Ask[]): Promise<Attempt> {
    const changedBefore = [...this.#store.changed];
    let shared = true;
    try {
      this.#begin(asks);
      shared = false;
      const answers: Answer[] = [];
      for (const ask of asks) answers.push({ value: await perform(ask, this.#store) });
      const moved = await this.#store.sessions.flush();
      shared = true;
      this.#db.exec('COMMIT');
      if (asks.some(([name]) => name === 'archive')) emptyLog(this.#db);
      return { ok: true, answers, moved };
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      this.#forget();
      this.#store.changed.clear();
      for (const key of changedBefore) this.#store.changed.add(key);
      return { ok: false, fault: faultSentence(this.#file, error), shared };
    }
  }

  /** `synchronous` can only be set outside a transaction. What others wrote is seen from inside it. */
  #begin(asks: readonly Ask[]): void {
    const full = asks.some((ask) => mustBeDurable(ask, this.#store));
    if (full !== this.#full) this.#db.exec(`PRAGMA synchronous = ${full ? 'FULL' : 'NORMAL'}`);
    this.#full = full;
    this.#db.exec(asks.every(([name]) => READS.has(name)) ? 'BEGIN' : 'BEGIN IMMEDIATE');
    const version = this.dataVersion();
    if (version !== this.#seen) this.#forget();
    this.#seen = version;
  }

  #forget(): void {
    forget(this.#store);
    this.#statements.forget();
  }
}
