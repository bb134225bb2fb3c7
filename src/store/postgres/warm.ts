/** Asks at once for what the operations of a flight will read, so that they find it at hand: one round trip for all. */
import type { Ask } from '../operations.ts';
import type { Store } from '../store.ts';
import type { Statements } from './statements.ts';

export async function warm(asks: readonly Ask[], store: Store, statements: Statements): Promise<void> {
  const sessions = new Set<string>();
  const settled = new Set<string>();
  let entries = 0;
  for (const [name, ask] of asks) {
    if (name !== 'commit' && name !== 'settle') continue;
    sessions.add(ask.session);
    entries += 1;
    if (name === 'settle') settled.add(ask.call);
  }
  if (entries === 0) return;
  // Each is sent after the lock was asked for, and so sees what whoever had it before has written.
  await Promise.all([
    ...[...sessions].toSorted().map((id) => store.sessions.find(id)),
    statements.reserveEntries(entries),
    ...[...settled].map((id) => store.calls.find(id)),
  ]);
}
