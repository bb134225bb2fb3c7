/** What waits for a yes to production that the session has by now. */
import { productionAsked } from '../domain/production.ts';
import { needsOf, stateAt } from './hold-row.ts';
import { lapse } from './holds.ts';
import type { SessionRow } from './session-row.ts';
import type { Store } from './store.ts';

/** Ends those that nobody has answered: whoever waits presents the call again, and only what else it needs is asked for. */
export async function releaseOpened(
  store: Store,
  { id, lineage }: SessionRow,
  servers: readonly string[],
  at: number,
): Promise<void> {
  if (servers.length === 0) return;
  for (const row of await store.holds.pending(lineage)) {
    const [asked] = productionAsked(needsOf(row)).filter((server) => servers.includes(server));
    if (asked !== undefined && stateAt(row, at) === 'open')
      await lapse(store, id, row.id, `the session may reach ${asked} by now`, at);
  }
}
