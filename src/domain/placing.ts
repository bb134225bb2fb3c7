/** Holds as the ledger keeps them: placing one, finding it again, answering it. */
import type { Overdrawn } from './budget.ts';
import type { Effect } from './contract.ts';
import type { Bound, Decision, Hold } from './hold.ts';
import type { JsonObject } from './json.ts';
import type { Result } from './result.ts';
import type { Quota } from './retention.ts';

/** Finding or placing a hold. */
export interface Placing extends Bound {
  readonly binding: string;
  readonly effect: Effect;
  readonly effective: JsonObject;
  readonly canonical: string;
  readonly agentReason: string | undefined;
  /** The call that asks. */
  readonly call: string;
  readonly at: number;
  /** How many holds the session may place; undefined: any number. */
  readonly approvals: number | undefined;
}

export type Placed =
  /** The hold of this very call: open, approved and not used, or denied. */
  | { readonly found: 'hold'; readonly hold: Hold }
  /** The identical call is running, or ran on its grant within `USE_WITHIN`. */
  | { readonly found: 'call'; readonly call: string }
  /** Too many holds are open in this session, or people closed the tool here by denying three times. */
  | { readonly found: 'closed'; readonly why: string }
  /** The session has placed as many holds as it may. */
  | { readonly found: 'over_budget'; readonly overdrawn: Overdrawn }
  /** What is kept has reached its quota. */
  | { readonly found: 'over_quota'; readonly quota: Quota };

/** The holds of a ledger. */
export interface Holds {
  place(placing: Placing): Promise<Placed>;
  hold(id: string, at: number): Promise<Hold | undefined>;
  /** Newest first. */
  holds(filter: { readonly open: boolean }, at: number): Promise<readonly Hold[]>;
  /** The newest hold of the same target that people approved before, asked by the same principal or in the same session. */
  approvedBefore(hold: Hold, at: number): Promise<Hold | undefined>;
  /** Records a signed answer to an open hold; refuses with a sentence otherwise. The signature is judged by `commit`. */
  decide(id: string, decision: Decision): Promise<Result<Hold, string>>;
  /** Who asked takes it back: void from now on, where it was open, or approved and not used. */
  withdraw(id: string, at: number): Promise<void>;
}
