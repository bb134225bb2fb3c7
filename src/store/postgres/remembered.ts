/**
 * What this process knows of a session since its own last write to it. While nobody else has written to it, settling needs to
 * ask for nothing: it is written at once, in one round trip, behind a statement that fails where somebody has.
 */
import type { Ask } from '../operations.ts';
import type { CallRow } from '../rows/call-rows.ts';
import type { SessionRow } from '../session-row.ts';
import type { Store } from '../store.ts';
import type { Statements } from './statements.ts';

interface Remembered {
  readonly row: SessionRow;
  /** Of the chain's last entry then. */
  readonly hash: string;
  /** The transaction that wrote the row, as the row itself says it. */
  readonly version: string;
  /** Calls in flight that this process committed. */
  readonly calls: readonly CallRow[];
  /** Numbers for entries, all after the chain's last. */
  readonly entries: readonly number[];
}

/** More than so many are forgotten together. */
const MOST = 10_000;

/** Whoever wrote the row since has given it another `xmin`; what a statement says of no row is that it cannot divide. */
const UNCHANGED = 'SELECT 1 / count(*) FROM (SELECT 1 FROM session WHERE id = ? AND xmin = ?::xid FOR UPDATE) AS own';
const VERSION = 'SELECT pg_current_xact_id()::xid::text AS version';

export class RememberedSessions {
  readonly #sessions = new Map<string, Remembered>();

  /** What is known of the session that a flight writes to; by then it is forgotten here, since the flight may fail. */
  take(asks: readonly Ask[]): Remembered | undefined {
    const session = sessionOf(asks);
    const remembered = session === undefined ? undefined : this.#sessions.get(session);
    if (remembered !== undefined) this.#sessions.delete(remembered.row.id);
    return remembered;
  }

  /**
   * Asks at once for what goes with the commit. To be called when that is made: the next flight may go by what this one left.
   * Where it is not made, what was asked for does not matter.
   */
  keep(asks: readonly Ask[], store: Store, statements: Statements): () => Promise<void> {
    const row = store.sessions.held(sessionOf(asks) ?? '');
    const calls = store.calls.open();
    if (row === undefined || calls.length === 0) return async () => undefined;
    const missing = calls.length - statements.entriesLeft.length;
    const asked = Promise.all([statements.one(VERSION), missing > 0 ? statements.reserveEntries(missing) : undefined]);
    asked.catch(() => undefined);
    return async () => {
      const [version] = await asked;
      if (this.#sessions.size >= MOST) this.#sessions.clear();
      const entries = statements.entriesLeft;
      this.#sessions.set(row.id, { row, hash: row.head.hash, version: String(version?.['version']), calls, entries });
    };
  }
}

/** The session that a flight of commits and settlements is about. */
function sessionOf(asks: readonly Ask[]): string | undefined {
  for (const [name, ask] of asks) if (name === 'commit' || name === 'settle') return ask.session;
  return undefined;
}

/** Whether the flight only settles, and everything that it needs is remembered. */
export const canGoAhead = ({ calls, entries, row }: Remembered, asks: readonly Ask[]): boolean =>
  row.successor === undefined &&
  asks.length <= entries.length &&
  asks.every(([name, ask]) => name === 'settle' && calls.some(({ id }) => id === ask.call));

/** The flight finds at hand what is remembered, and fails where it is not so any more. */
export function goAhead({ row, version, calls, entries }: Remembered, store: Store, statements: Statements): void {
  statements.run(UNCHANGED, row.id, version);
  statements.useEntries(entries);
  store.sessions.hold(row);
  store.calls.hold(calls);
}

/** Of a flight that has read the session: where nobody else wrote to it, its calls are still in flight. */
export async function carryOn({ row, hash, calls }: Remembered, store: Store): Promise<void> {
  if ((await store.sessions.find(row.id))?.head.hash === hash) store.calls.hold(calls);
}
