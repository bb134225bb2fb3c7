/** Asks at once for what the operations of a flight will read, so that they find it at hand: one round trip for all. */
import type { Ask } from '../operations.ts';
import type { SameCall } from '../rows/call-rows.ts';
import { STOPS } from '../rows/stop-rows.ts';
import type { Store } from '../store.ts';
import type { Statements } from './statements.ts';

/** `lineages`: by session, of those that this process has seen. A session keeps its own for good. */
export async function warm(
  asks: readonly Ask[],
  store: Store,
  statements: Statements,
  lineages: ReadonlyMap<string, string>,
): Promise<void> {
  const sessions = new Set<string>();
  const settled = new Set<string>();
  const written = new Map<string, SameCall>();
  let entries = 0;
  let commits = false;
  for (const [name, ask] of asks) {
    if (name !== 'commit' && name !== 'settle') continue;
    sessions.add(ask.session);
    entries += 1;
    if (name === 'settle') settled.add(ask.call);
    else commits = true;
    const lineage = lineages.get(ask.session);
    if (name === 'commit' && ask.effect !== 'read' && lineage !== undefined) {
      const { target, digest } = ask;
      written.set(`${target} ${digest}`, { lineage, target, digest });
    }
  }
  if (entries === 0) return;
  // Whoever stops something waits for these commits, or they for its end: each of them sees it, or came before.
  if (commits) statements.share(STOPS);
  // Each is sent after the lock was asked for, and so sees what whoever had it before has written.
  await Promise.all([
    commits ? store.stops.standing() : undefined,
    ...[...sessions].toSorted().map((id) => store.sessions.find(id)),
    statements.reserveEntries(entries),
    ...[...settled].map((id) => store.calls.find(id)),
    ...[...written.values()].map((call) => store.calls.identical(call)),
  ]);
}
