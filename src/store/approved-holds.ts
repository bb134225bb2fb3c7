/** What people approved before. */
import type { Hold } from '../domain/hold.ts';
import { isSamePrincipal, type Principal } from '../domain/principal.ts';
import { whole } from './holds.ts';
import type { Store } from './store.ts';

/** A hold that others are compared with. */
export type Like = Pick<Hold, 'id' | 'lineage' | 'target' | 'principal'>;

/** The newest of the same target, by the same principal or in the same session, that is not this one. */
export async function approvedBefore(store: Store, like: Like, at: number): Promise<Hold | undefined> {
  for (const row of await store.holds.approved(like.target)) {
    const { principal } = JSON.parse(row.bound) as { readonly principal: Principal };
    if (row.id === like.id || !(row.lineage === like.lineage || isSamePrincipal(principal, like.principal))) continue;
    const hold = await whole(store, row, at);
    if (hold !== undefined) return hold;
  }
  return undefined;
}
