/** What an export of a session is made of: its outline at one moment, then its entries, some at a time. */
import type { JsonObject } from '../domain/json.ts';
import { LedgerFault } from '../domain/ports.ts';
import type { Outline, Passage, StoredHold } from '../domain/retention.ts';
import { termsOf } from '../domain/terms.ts';
import { decisionsOf, type HoldRow, needsOf, usesOf } from './hold-row.ts';
import type { Operations } from './operations.ts';
import { isErased, sessionOf } from './session-row.ts';
import type { Store } from './store.ts';

/** Throws `LedgerFault` where the chain is not whole. */
export async function outline(store: Store, { session }: Operations['outline']['ask']): Promise<Outline | undefined> {
  const row = await store.sessions.find(session);
  if (row === undefined) return undefined;
  const entries = await store.chains.places(row.head, session);
  if (entries.length !== row.head.seq) throw notWhole(session);
  return {
    session: sessionOf(row),
    lineage: row.lineage,
    labels: row.labels,
    used: row.used,
    extended: row.extended,
    head: { seq: row.head.seq, hash: row.head.hash },
    erased: isErased(row),
    entries,
    holds: (await store.holds.ofSession(row)).map(storedHold),
  };
}

const notWhole = (session: string): LedgerFault =>
  new LedgerFault(`The journal of the session ${session} is not whole: tollgate audit verify says where.`);

const storedHold = (row: HoldRow): StoredHold => ({
  ...(JSON.parse(row.bound) as Pick<StoredHold, 'principal' | 'needs' | 'rules' | 'pin'>),
  id: row.id,
  target: row.target,
  digest: row.digest,
  binding: row.binding,
  effect: row.effect,
  state: row.state,
  placedAt: row.placed_at,
  expiresAt: row.expires_at,
  terms: termsOf(needsOf(row)),
  decisions: decisionsOf(row),
  usedBy: usesOf(row),
});

/**
 * Throws `LedgerFault` where contents are asked for and were erased meanwhile, so that nobody takes for whole what is not.
 * Asked for all at once, so that a database behind a socket answers them in one round trip.
 */
export async function passages(
  store: Store,
  { session, entries, contents }: Operations['passages']['ask'],
): Promise<readonly Passage[]> {
  const row = await store.sessions.get(session);
  if (contents && isErased(row)) throw new LedgerFault(`The contents of the session ${session} were erased.`);
  const found = await Promise.all(entries.map((entry) => store.chains.find(session, entry)));
  return found.map((stored) => {
    if (stored === undefined) throw notWhole(session);
    const { entry, seq, at, kind, call, body, hash, sealed, reason } = stored;
    const beside = contents && sealed !== null ? store.contents.open(row, { entry, sealed, reason }) : NOTHING;
    return { seq, at, kind, call: call ?? undefined, body, hash, ...beside };
  });
}

const NOTHING = { text: undefined, reason: undefined };

/** Each once, in the order in which they first came into force. */
export async function policies(
  store: Store,
  { digests }: Operations['policies']['ask'],
): Promise<readonly JsonObject[]> {
  const wanted = new Set<unknown>(digests);
  return (await store.chains.policies()).filter(({ digest }) => wanted.delete(digest));
}
