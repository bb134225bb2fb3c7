/**
 * Budgets: what a session may still spend. A kind is `calls`, `spend`, `runtime`, or a class that the operator names
 * (`searches`, `browser_minutes`). Amounts are whole numbers: counts, `runtime` in milliseconds, `spend` in millionths
 * of the policy's currency, so that sums are exact.
 */
export type Amounts = Readonly<Record<string, number>>;

/** A cap that a claim would pass. `used` and `cap` in the kind's own unit. */
export interface Overdrawn {
  readonly kind: string;
  readonly used: number;
  readonly cap: number;
}

export const MICROS = 1_000_000;

/** Kinds that count what servers asked of the client: bounded by the policy's `asks`, no budget, and never refilled. */
const ASKED = /^asked\./;

/** Whether budgets that were first charged at `chargedSince` are full again. `renew` in milliseconds; undefined is never. */
export const isRenewed = (chargedSince: number | undefined, renew: number | undefined, at: number): boolean =>
  chargedSince !== undefined && renew !== undefined && at >= chargedSince + renew;

/** What is left of `used` once budgets are full again. */
export const renewedAmounts = (used: Amounts): Amounts =>
  Object.fromEntries(Object.entries(used).filter(([kind]) => ASKED.test(kind)));

/** The first cap that `claims` would pass on top of `used`, if any. Kinds without a cap are counted, not limited. */
export function overdrawn(caps: Amounts, used: Amounts, claims: Amounts): Overdrawn | undefined {
  for (const [kind, claim] of Object.entries(claims)) {
    const cap = caps[kind];
    if (cap !== undefined && (used[kind] ?? 0) + claim > cap) return { kind, used: used[kind] ?? 0, cap };
  }
  const runtime = caps['runtime'];
  if (runtime !== undefined && (used['runtime'] ?? 0) >= runtime) {
    return { kind: 'runtime', used: used['runtime'] ?? 0, cap: runtime };
  }
  return undefined;
}
