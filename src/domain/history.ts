/**
 * History: what a rule asks of a session's earlier calls, and the one evaluation of it: the ledger's inside `commit`, the
 * inline tests' over the calls they are given, and replay's.
 *
 * A rule names fields of an earlier call. The ledger keeps no values for it: of a field that is compared its digest, of one
 * that is summed millionths, of one that is tested whether it passed. A field that is not there fails closed: it meets no
 * `after`, it does meet a `not_after`, and nothing can be summed with it.
 */
import type { Outcome } from './outcome.ts';

/** By field: a digest (compared), whole millionths (summed), or whether it passed (tested). Who names fields is policy. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

export const NO_FIELDS: Fields = {};

/** An earlier call, as far as rules may ask. */
export interface PastCall {
  /** As `targetOf` says it. */
  readonly target: string;
  /** When its intent was written, milliseconds since the epoch. */
  readonly at: number;
  /** Undefined while it is in flight, as is `outcome`. */
  readonly settledAt: number | undefined;
  readonly outcome: Outcome['outcome'] | undefined;
  readonly fields: Fields;
}

/** What a field of the earlier call must be; undefined where this call lacks what it is compared with. */
export interface Condition {
  readonly field: string;
  readonly is: string | number | boolean | undefined;
}

interface Asked {
  /** The rule that asks, by its path. */
  readonly rule: string;
  /** Whose calls: of this session, or of all sessions of its principal. */
  readonly per: 'session' | 'principal';
  /** The earlier call's target. */
  readonly target: string;
  readonly where: readonly Condition[];
  /** What is wrong where it is not met, in one sentence without a full stop. */
  readonly reason: string;
  readonly remedy: string | undefined;
}

/** What this very call asks of those before it: plain values. */
export type Demand =
  /** One succeeded, not longer ago than `within` milliseconds, and since then none of `since` was made. */
  | (Asked & {
      readonly kind: 'after';
      readonly within: number | undefined;
      readonly since: readonly string[] | 'any' | undefined;
    })
  /** None may have happened. */
  | (Asked & { readonly kind: 'not_after'; readonly within: number | undefined })
  /** With this call's own `adds`, calls or the sums of `field` stay within `most`. */
  | (Asked & {
      readonly kind: 'limit';
      readonly within: number;
      readonly field: string | undefined;
      readonly adds: number;
      readonly most: number;
    });

/** A demand that is not met. */
export interface Unmet {
  readonly demand: Demand;
  /** Of a limit: what is used of it, and when some of that falls out of the window (milliseconds since the epoch). */
  readonly used: number | undefined;
  readonly freesAt: number | undefined;
}

/** The calls before this one, of a session or its principal; undefined `target` means all. In any order. */
export type Past = (per: Demand['per'], target: string | undefined, since: number) => Iterable<PastCall>;

/** One question to the past. */
export interface PastAsked {
  readonly per: Demand['per'];
  readonly target: string | undefined;
  readonly since: number;
}

/** All that `firstUnmet` may ask of the past for one demand, so that it can be read beforehand. */
export function pastAsked(demand: Demand, at: number): readonly PastAsked[] {
  const { per, target, within } = demand;
  const asked = { per, target, since: within === undefined ? Number.NEGATIVE_INFINITY : at - within };
  if (demand.kind !== 'after' || demand.since === undefined) return [asked];
  const others = demand.since === 'any' ? [undefined] : demand.since;
  return [asked, ...others.map((other) => ({ per, target: other, since: Number.NEGATIVE_INFINITY }))];
}

/** The first demand that is not met at `at`; undefined where all are. */
export function firstUnmet(demands: readonly Demand[], past: Past, at: number): Unmet | undefined {
  for (const demand of demands) {
    const unmet = CHECKS[demand.kind](demand as never, past, at);
    if (unmet !== undefined) return unmet;
  }
  return undefined;
}

type Check<Kind extends Demand['kind']> = (
  demand: Extract<Demand, { kind: Kind }>,
  past: Past,
  at: number,
) => Unmet | undefined;

const CHECKS: { readonly [Kind in Demand['kind']]: Check<Kind> } = {
  after: (demand, past, at) => {
    const { per, target, within, since } = demand;
    const from = within === undefined ? Number.NEGATIVE_INFINITY : at - within;
    let latest = Number.NEGATIVE_INFINITY;
    for (const call of past(per, target, from)) {
      if (!meetsAfter(demand, call) || call.settledAt < from) continue;
      // What ends later than now was made before the clock was set back: nobody knows how long ago.
      if (call.settledAt <= at || (within ?? since) === undefined) latest = Math.max(latest, call.settledAt);
    }
    if (latest === Number.NEGATIVE_INFINITY) return unmet(demand);
    if (since === undefined) return undefined;
    for (const other of since === 'any' ? [undefined] : since) {
      for (const call of past(per, other, Number.NEGATIVE_INFINITY)) {
        if (!mayHaveHappened(call) || (call.settledAt !== undefined && call.settledAt < latest)) continue;
        // What was under way when the earlier call ended came after it, too; so did what ended in the same millisecond, but
        // for that very call.
        if (call.settledAt !== latest || !meetsAfter(demand, call)) return unmet(demand);
      }
    }
    return undefined;
  },
  not_after: (demand, past, at) => {
    const { per, target, within } = demand;
    const from = within === undefined ? Number.NEGATIVE_INFINITY : at - within;
    for (const call of past(per, target, from)) {
      if (isSince(call, from) && mayHaveHappened(call) && demand.where.every((one) => is(call, one, true)))
        return unmet(demand);
    }
    return undefined;
  },
  limit: (demand, past, at) => {
    const { per, target, within, field, adds, most } = demand;
    const from = at - within;
    let used = 0;
    let oldest = Number.POSITIVE_INFINITY;
    for (const call of past(per, target, from)) {
      if (!isSince(call, from) || !mayHaveHappened(call) || !demand.where.every((one) => is(call, one, true))) continue;
      const amount = field === undefined ? 1 : call.fields[field];
      // A call whose amount was not kept could have been any.
      used += typeof amount === 'number' ? amount : Number.POSITIVE_INFINITY;
      oldest = Math.min(oldest, call.settledAt ?? at);
    }
    if (used + adds <= most) return undefined;
    return { demand, used, freesAt: oldest === Number.POSITIVE_INFINITY ? undefined : oldest + within };
  },
};

/** A call that one asks to have succeeded, whenever that was. */
const meetsAfter = (
  { target, where }: Extract<Demand, { kind: 'after' }>,
  call: PastCall,
): call is PastCall & { readonly settledAt: number } =>
  call.target === target &&
  (call.outcome === 'ok' || call.outcome === 'executed') &&
  call.settledAt !== undefined &&
  where.every((one) => is(call, one, false));

const unmet = (demand: Demand): Unmet => ({ demand, used: undefined, freesAt: undefined });

/** All but what is known never to have happened: what is in flight and what has no known outcome may have. */
const mayHaveHappened = ({ outcome }: PastCall): boolean => outcome !== 'not_sent' && outcome !== 'not_executed';

/** Still in flight, or ended after `from`: a call counts for as long as any of it lies in the window. */
const isSince = ({ settledAt }: PastCall, from: number): boolean => settledAt === undefined || settledAt > from;

function is(call: PastCall, { field, is: wanted }: Condition, unsure: boolean): boolean {
  const value = call.fields[field];
  return value === undefined || wanted === undefined ? unsure : value === wanted;
}
