/** Runs what is queued in one transaction, and says what came of it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Intent } from '../domain/ports.ts';
import { accept } from './acceptances.ts';
import { commit, content, recorded, recover, settle } from './calls.ts';
import { faultSentence } from './faults.ts';
import { unmet } from './history.ts';
import { decide, hold, holds, place } from './holds.ts';
import type { Answer, Ask, FromWriter, Known, OperationName, Operations } from './operations.ts';
import { knownOf } from './session-rows.ts';
import { ask, change, enter } from './sessions.ts';
import { append, forget, type Store } from './store.ts';

type Performers = {
  readonly [Name in OperationName]: (store: Store, ask: Operations[Name]['ask']) => Operations[Name]['answer'];
};

const PERFORM: Performers = {
  enter: (store, { key, at }) => enter(store, key, at),
  find: (store, { key }) => {
    const row = store.sessions.live(key);
    return row === undefined ? undefined : knownOf(row);
  },
  look: (store, { session }) => {
    const row = store.sessions.find(session);
    return row === undefined ? undefined : knownOf(row);
  },
  sessions: (store) => store.sessions.all().map(knownOf),
  change,
  commit,
  settle: (store, settlement) => void settle(store, settlement),
  recorded: (store, { call }) => recorded(store, call),
  append,
  unmet,
  ask,
  place,
  hold: (store, { id, at }) => hold(store, id, at),
  holds: (store, { open, at }) => holds(store, open, at),
  decide: (store, { id, decision }) => decide(store, id, decision),
  accepted: (store, { profile, file }) => store.acceptances.newest(profile, file),
  accept,
  recover: (store, { at }) => recover(store, at),
  journal: (store, { session }) => {
    const head = store.sessions.head(session);
    return head === undefined ? [] : store.chains.walk(head, session);
  },
  content: (store, { call, part }) => content(store, call, part),
  verify: (store) => store.chains.verify(store.sessions.heads()),
};

const READS: ReadonlySet<OperationName> = new Set<OperationName>([
  'find',
  'look',
  'sessions',
  'recorded',
  'unmet',
  'hold',
  'holds',
  'accepted',
  'journal',
  'content',
  'verify',
]);
const ALWAYS_DURABLE: ReadonlySet<OperationName> = new Set<OperationName>([
  'enter',
  'change',
  'place',
  'decide',
  'accept',
  'recover',
]);

export type Answers = Extract<FromWriter, { kind: 'answers' }>;

/** What one attempt at a transaction came to. `shared` faults concern the store, not one of the operations. */
type Attempt =
  | { readonly ok: true; readonly answers: readonly Answer[]; readonly moved: readonly Known[] }
  | { readonly ok: false; readonly fault: string; readonly shared: boolean };

export class Batches {
  readonly #db: DatabaseSync;
  readonly #store: Store;
  readonly #dataVersion: StatementSync;
  #seen: unknown;
  #full = true;

  constructor(db: DatabaseSync, store: Store) {
    this.#db = db;
    this.#store = store;
    this.#dataVersion = db.prepare('PRAGMA data_version');
    this.#seen = this.dataVersion();
  }

  /** Changes when another connection has written. */
  dataVersion(): unknown {
    return this.#dataVersion.get()?.['data_version'];
  }

  /** In one transaction; where one operation fails, each in its own, so that it harms only itself. */
  run(asks: readonly Ask[]): Answers {
    const before = this.#seen;
    const attempts = this.#attempts(asks);
    this.#store.sessions.trim();
    const changed = [...this.#store.changed];
    this.#store.changed.clear();
    const answers = attempts.flatMap((attempt) => (attempt.ok ? attempt.answers : [{ fault: attempt.fault }]));
    const moved = attempts.flatMap((attempt) => (attempt.ok ? attempt.moved : []));
    return { kind: 'answers', answers, moved, changed, foreign: this.#seen !== before };
  }

  #attempts(asks: readonly Ask[]): readonly Attempt[] {
    const together = this.#attempt(asks);
    if (together.ok) return [together];
    if (together.shared) return asks.map(() => together);
    return asks.length === 1 ? [together] : asks.map((ask) => this.#attempt([ask]));
  }

  #attempt(asks: readonly Ask[]): Attempt {
    const changedBefore = [...this.#store.changed];
    let shared = true;
    try {
      this.#begin(asks);
      shared = false;
      const answers = asks.map((ask) => this.#perform(ask));
      const moved = this.#store.sessions.flush();
      shared = true;
      this.#db.exec('COMMIT');
      return { ok: true, answers, moved };
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      forget(this.#store);
      this.#store.changed.clear();
      for (const key of changedBefore) this.#store.changed.add(key);
      return { ok: false, fault: faultSentence(this.#store.settings.file, error), shared };
    }
  }

  /** `synchronous` can only be set outside a transaction. What others wrote is seen from inside it. */
  #begin(asks: readonly Ask[]): void {
    const full = asks.some((ask) => this.#mustBeDurable(ask));
    if (full !== this.#full) this.#db.exec(`PRAGMA synchronous = ${full ? 'FULL' : 'NORMAL'}`);
    this.#full = full;
    this.#db.exec(asks.every(([name]) => READS.has(name)) ? 'BEGIN' : 'BEGIN IMMEDIATE');
    const version = this.dataVersion();
    if (version !== this.#seen) forget(this.#store);
    this.#seen = version;
  }

  #mustBeDurable([name, ask]: Ask): boolean {
    if (name === 'commit') return ask.effect !== 'read' || this.#mayRaise(ask);
    if (name === 'settle') return this.#store.calls.ownEffect(ask.call) !== 'read';
    return ALWAYS_DURABLE.has(name);
  }

  /** Labels only rise: where memory has them all, so has the file. */
  #mayRaise({ session, labels }: Intent): boolean {
    if (labels.length === 0) return false;
    const held = this.#store.sessions.labelsHeld(session);
    return held === undefined || labels.some((label) => !held.includes(label));
  }

  #perform(ask: Ask): Answer {
    const [name, asked] = ask;
    return { value: (PERFORM[name] as (store: Store, asked: Ask[1]) => unknown)(this.#store, asked) };
  }
}
