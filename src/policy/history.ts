/** Rules over earlier calls: `after`, `not_after` and `limits`, compiled to what each call asks of those before it. */
import type { Demand } from '../domain/history.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Result } from '../domain/result.ts';

export interface HistoryRule {
  /** Its path: `crm.send_reply.after.0`. */
  readonly rule: string;
  /** As the policy writes it. */
  readonly written: JsonObject;
  readonly observes: boolean;
  /** For the agent: one sentence. */
  readonly words: string;
  /** What a call with these arguments asks; refused, with a reason without a full stop, where they lack what the rule needs. */
  demandOf(effective: JsonObject): Result<Demand, string>;
}
