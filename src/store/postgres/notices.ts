/** What one process tells the others over the database (LISTEN, NOTIFY): what changed, by key. */
import { randomUUID } from 'node:crypto';
import type { Sql as Postgres } from 'postgres';
import type { Snapshots } from '../snapshots.ts';
import type { Waiters } from '../waiters.ts';
import type { Landed } from './flights.ts';

const CHANNEL = 'tollgate_ledger';
/** Bytes that one notice may have (PostgreSQL's bound is 8000); beyond, the others forget all that they know. */
const LARGEST = 7_900;

interface Notice {
  readonly from: string;
  /** Ids of sessions that stand otherwise; undefined: any may. */
  readonly sessions: readonly string[] | undefined;
  readonly changed: readonly string[];
}

export class Notices {
  readonly #own = randomUUID();
  readonly #snapshots: Snapshots;
  readonly #waiters: Waiters;

  constructor(snapshots: Snapshots, waiters: Waiters) {
    this.#snapshots = snapshots;
    this.#waiters = waiters;
  }

  /** Resolves when notices are heard. Where the connection is lost and found again, some may have been missed. */
  async listen(sql: Postgres): Promise<void> {
    await sql.listen(
      CHANNEL,
      (payload) => this.#hear(JSON.parse(payload) as Notice),
      () => this.#missed(),
    );
  }

  /** The statement that tells the others; undefined where there is nothing that they must know. */
  readonly of = ({ moved, changed }: Landed): { readonly text: string; readonly payload: string } | undefined => {
    if (moved.length === 0 && changed.length === 0) return undefined;
    const sessions = moved.map(({ session }) => session.id);
    const whole = JSON.stringify({ from: this.#own, sessions, changed } satisfies Notice);
    const payload = Buffer.byteLength(whole) <= LARGEST ? whole : JSON.stringify({ from: this.#own, changed: [] });
    return { text: `SELECT pg_notify('${CHANNEL}', ?)`, payload };
  };

  /** Of this process's own transactions. */
  readonly landed = ({ moved, changed }: Landed): void => {
    for (const known of moved) this.#snapshots.learn(known);
    this.#snapshots.hear(changed);
    this.#waiters.wake(changed);
  };

  #hear({ from, sessions, changed }: Notice): void {
    if (from === this.#own) return;
    if (sessions === undefined) {
      this.#missed();
      return;
    }
    for (const id of sessions) this.#snapshots.forget(id);
    this.#snapshots.hear(changed);
    this.#waiters.wake(changed);
  }

  #missed(): void {
    this.#snapshots.void();
    this.#waiters.wakeAll();
  }
}
