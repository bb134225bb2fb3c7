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
  // No call passes the cap, but what was spent elsewhere can: then nothing more is to happen, whatever it costs.
  const spend = caps['spend'];
  if (spend !== undefined && (used['spend'] ?? 0) > spend)
    return { kind: 'spend', used: used['spend'] ?? 0, cap: spend };
  return undefined;
}
