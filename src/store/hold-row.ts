/** A stored hold, and the hold as it stands at a time: what was not answered or used in time has lapsed. */
import type { Effect } from '../domain/contract.ts';
import type { Decision, Hold, HoldState } from '../domain/hold.ts';
import type { JsonObject } from '../domain/json.ts';
import { termsOf } from '../domain/terms.ts';

export interface HoldRow {
  readonly row: number;
  readonly id: string;
  readonly session: string;
  readonly lineage: string;
  readonly target: string;
  readonly digest: string;
  readonly binding: string;
  /** JSON: principal, needs, rules, pin. */
  readonly bound: string;
  readonly effect: Effect;
  /** The journal entry beside which the effective arguments lie. */
  readonly entry: number;
  readonly state: HoldState;
  readonly placed_at: number;
  readonly expires_at: number;
  /** JSON, a list in order. */
  readonly decisions: string;
  /** Ids of calls: JSON, a list in order. */
  readonly uses: string;
}

export const stateAt = (row: HoldRow, at: number): HoldState =>
  (row.state === 'open' || row.state === 'approved') && at >= row.expires_at ? 'lapsed' : row.state;

export const decisionsOf = (row: HoldRow): readonly Decision[] =>
  (JSON.parse(row.decisions) as readonly Decision[]).map(withBecause);

export const usesOf = (row: HoldRow): readonly string[] => JSON.parse(row.uses) as readonly string[];

/** JSON has no undefined; the type has. */
const withBecause = (decision: Decision): Decision => ({ ...decision, because: decision.because ?? undefined });

export const needsOf = (row: HoldRow): Hold['needs'] => (JSON.parse(row.bound) as Pick<Hold, 'needs'>).needs;

export const holdOf = (row: HoldRow, effective: JsonObject, agentReason: string | undefined, at: number): Hold => ({
  ...(JSON.parse(row.bound) as Pick<Hold, 'principal' | 'needs' | 'rules' | 'pin'>),
  id: row.id,
  session: row.session,
  lineage: row.lineage,
  target: row.target,
  digest: row.digest,
  binding: row.binding,
  effect: row.effect,
  effective,
  agentReason,
  state: stateAt(row, at),
  placedAt: row.placed_at,
  expiresAt: row.expires_at,
  terms: termsOf(needsOf(row)),
  decisions: decisionsOf(row),
  usedBy: usesOf(row),
});
