/** What a hold shows beside its arguments: kept under the session's key beside a journal entry of its own. */
import type { Shown } from '../domain/hold.ts';
import type { Placing } from '../domain/placing.ts';
import { LedgerFault } from '../domain/ports.ts';
import { type HoldRow, type StoredShown, shownIn } from './hold-row.ts';
import type { SessionRow } from './session-row.ts';
import { type Store, write } from './store.ts';

export async function keepShown(
  store: Store,
  session: SessionRow,
  hold: string,
  { shown, call, at }: Placing,
): Promise<StoredShown | undefined> {
  if (shown === undefined) return undefined;
  const { tool, digest, text } = shown;
  const entry = await write(store, session.id, 'held', call, at, { hold, state: 'shown', tool, shown: digest });
  await store.contents.keep(session, entry, text);
  return { tool, digest, entry };
}

/** Throws `LedgerFault` where its session still has contents, and this one is gone. */
export async function readShown(store: Store, session: SessionRow, row: HoldRow): Promise<Shown | undefined> {
  const stored = shownIn(row);
  if (stored === undefined) return undefined;
  const text = await store.contents.read(session, stored.entry);
  if (text === undefined) throw new LedgerFault(`What the hold ${row.id} shows is gone from the ledger.`);
  return { tool: stored.tool, digest: stored.digest, text };
}

/** Whether both point at the same content. Where one of them shows none, that cannot be told, and counts as the same. */
export function isOfSameContent(row: HoldRow, { shown }: Pick<Placing, 'shown'>): boolean {
  const stored = shownIn(row);
  return stored === undefined || shown === undefined || stored.digest === shown.digest;
}
