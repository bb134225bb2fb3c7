/**
 * Budgets: what a session, or all sessions of a principal, may still spend. A kind is `calls`, `spend`, `runtime`, one of
 * the loops (`refusals`, `approvals`, `retries`), or a class that the operator names (`searches`, `browser_minutes`).
 * Amounts are whole numbers: counts, `runtime` in milliseconds, `spend` in millionths of the policy's currency, so that
 * sums are exact.
 */
export type Amounts = Readonly<Record<string, number>>;

/** What happens where a budget of the session is used up: a person may extend it, the session pauses, or a refusal. */
export const WHEN_REACHED = ['extend', 'pause', 'deny'] as const;
export type WhenReached = (typeof WHEN_REACHED)[number];

/** What all sessions of a principal under one profile may use together, in windows that begin with their first charge. */
export interface PrincipalCap {
  readonly kind: string;
  readonly most: number;
  /** The length of the window, in milliseconds. */
  readonly within: number;
}

/** A cap that a claim would pass. `used` and `cap` in the kind's own unit. */
export interface Overdrawn {
  readonly kind: string;
  readonly used: number;
  readonly cap: number;
  /** Of a principal's budget: the length of its window, and when it ends (milliseconds since the epoch). */
  readonly window?: { readonly within: number; readonly endsAt: number };
}

/** Of budgets of a principal: its sessions that are not over. */
export const SESSIONS = 'sessions';

export const isOfSession = ({ kind, window }: Overdrawn): boolean => window === undefined && kind !== SESSIONS;

export const MICROS = 1_000_000;

/** Kinds that count what servers asked of the client: bounded by the policy's `asks`, no budget, and never refilled. */
const ASKED = /^asked\./;

/** Whether budgets that were first charged at `chargedSince` are full again. `renew` in milliseconds; undefined is never. */
export const isRenewed = (chargedSince: number | undefined, renew: number | undefined, at: number): boolean =>
  chargedSince !== undefined && renew !== undefined && at >= chargedSince + renew;

/** What is left of `used` once budgets are full again. */
export const renewedAmounts = (used: Amounts): Amounts =>
  Object.fromEntries(Object.entries(used).filter(([kind]) => ASKED.test(kind)));

/** They end loops, and nobody is asked for more of them. */
export const LOOP_KINDS: readonly string[] = ['retries', 'refusals', 'approvals'];

export const isExtendable = (kind: string): boolean => !LOOP_KINDS.includes(kind);

/** Used by what is no call's claim: where all is used, no call is left at all. */
const STANDING_KINDS: readonly string[] = ['runtime', 'refusals'];

/** The caps that `claims` would pass on top of `used`. Kinds without a cap are counted, not limited. */
export function allOverdrawn(caps: Amounts, used: Amounts, claims: Amounts): readonly Overdrawn[] {
  const found: Overdrawn[] = [];
  for (const [kind, claim] of Object.entries(claims)) {
    const cap = caps[kind];
    if (cap !== undefined && (used[kind] ?? 0) + claim > cap) found.push({ kind, used: used[kind] ?? 0, cap });
  }
  for (const kind of STANDING_KINDS) {
    const cap = caps[kind];
    if (cap !== undefined && (used[kind] ?? 0) >= cap) found.push({ kind, used: used[kind] ?? 0, cap });
  }
  // No call passes the cap, but what was spent elsewhere can: then nothing more is to happen, whatever it costs.
  const spend = caps['spend'];
  const spent = used['spend'] ?? 0;
  if (spend !== undefined && spent > spend && !found.some(({ kind }) => kind === 'spend'))
    found.push({ kind: 'spend', used: spent, cap: spend });
  return found;
}

/** The first of them. */
export const overdrawn = (caps: Amounts, used: Amounts, claims: Amounts): Overdrawn | undefined =>
  allOverdrawn(caps, used, claims)[0];

/** Amounts, each with what was added to it. */
export function added(amounts: Amounts, more: Amounts): Amounts {
  const sum = { ...amounts };
  for (const [kind, amount] of Object.entries(more)) sum[kind] = (sum[kind] ?? 0) + amount;
  return sum;
}

/** Caps as people raised them. What has no cap is limited by no extension. */
export const raised = (caps: Amounts, extended: Amounts): Amounts =>
  Object.fromEntries(Object.entries(caps).map(([kind, cap]) => [kind, cap + (extended[kind] ?? 0)]));

/** How one capped kind stands. */
export interface BudgetStanding {
  readonly kind: string;
  readonly used: number;
  /** With what people added to it. */
  readonly cap: number;
  readonly extended: number;
  readonly left: number;
}

/** How a session stands with all that caps it. */
export const standings = (caps: Amounts, extended: Amounts, used: Amounts): readonly BudgetStanding[] =>
  Object.entries(raised(caps, extended)).map(([kind, cap]) => ({
    kind,
    used: used[kind] ?? 0,
    cap,
    extended: extended[kind] ?? 0,
    left: Math.max(0, cap - (used[kind] ?? 0)),
  }));

/** An amount as people say it: a count, seconds, or money. */
export function inUnits(kind: string, amount: number): number {
  if (kind === 'spend') return amount / MICROS;
  return kind === 'runtime' ? Math.floor(amount / 1000) : amount;
}

/** An amount in words: `200 calls`, `5.00 USD`, `60 seconds of runtime`. */
export function amountWords(kind: string, amount: number, currency: string): string {
  if (kind === 'spend') return `${(amount / MICROS).toFixed(2)} ${currency}`;
  if (kind === 'runtime') return `${Math.round(amount / 1000)} seconds of runtime`;
  return `${amount} ${kind.replaceAll('_', ' ')}`;
}
