/** Budgets within a transaction: what a call would pass, and what it is charged. */
import { type Amounts, added, isRenewed, type Overdrawn, overdrawn, raised } from '../domain/budget.ts';
import type { Intent } from '../domain/ports.ts';
import { refuseOdd } from './counts.ts';
import { refilled, runtimeAt } from './runtime.ts';
import type { SessionRow } from './session-row.ts';
import type { Store } from './store.ts';

/** What a call may be charged, once everything else about it is judged, too. */
interface Affordable {
  readonly over: undefined;
  /** Whether its budgets are full again with this call. */
  readonly renews: boolean;
  /** With the retry that it is. */
  readonly claims: Amounts;
  /** Milliseconds of runtime that are left. */
  readonly runtimeLeft: number;
  charge(): Promise<void>;
}

/** Judges, and writes nothing. An extension counts as if it were given, and is given by `charge`. */
export async function affordable(
  store: Store,
  intent: Intent,
  row: SessionRow,
): Promise<Affordable | { readonly over: Overdrawn }> {
  refuseOdd(intent.claims);
  const extend = intent.grant?.extend ?? {};
  refuseOdd(extend);
  const claims = await withRetry(store, intent, row);
  const caps = raised(intent.caps, added(row.extended, extend));
  const renews = isRenewed(row.chargedSince, intent.renew, intent.at);
  const standing = renews ? refilled(row, intent.at) : row;
  const runtime = runtimeAt(standing, intent.at);
  const over = overdrawn(caps, { ...standing.used, runtime }, claims);
  if (over !== undefined) return { over };
  const principal = await store.principals.standing(row, intent.principalCaps, intent.at);
  const shared = principal.overdrawn(claims);
  if (shared !== undefined) return { over: shared };
  return {
    over: undefined,
    renews,
    claims,
    runtimeLeft: (caps['runtime'] ?? Number.POSITIVE_INFINITY) - runtime,
    charge: async () => {
      if (renews) Object.assign(row, standing);
      row.chargedSince ??= intent.at;
      for (const [kind, claim] of Object.entries(claims)) row.used[kind] = (row.used[kind] ?? 0) + claim;
      await principal.charge(claims);
      if (Object.keys(extend).length > 0) await store.sessions.extend(row, extend);
    },
  };
}

/** A call that failed, or whose end nobody knows, and is made again as it was. Asked only where that is capped. */
async function withRetry(store: Store, intent: Intent, { lineage }: SessionRow): Promise<Amounts> {
  if (intent.caps['retries'] === undefined) return intent.claims;
  const failed = await store.calls.hasFailed({ ...intent, lineage });
  return failed ? { ...intent.claims, retries: 1 } : intent.claims;
}
