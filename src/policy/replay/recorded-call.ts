/** A call as a journal tells it, for those who judge it again. */
import type { JsonObject } from '../../domain/json.ts';
import type { OutcomeWord } from '../../domain/outcome.ts';
import type { Observed } from '../../domain/policy.ts';

export interface RecordedCall {
  readonly call: string;
  readonly session: string;
  /** Whose it is, so that two sessions of one principal have one text. */
  readonly principal: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether somebody reads, calls or gets a prompt: what only completes or watches, or was read for a person who is asked, is history, and not judged. */
  readonly isJudged: boolean;
  /** As `targetOf` says it; of a call that was refused before it was known, as the agent named it. */
  readonly target: string;
  readonly isNamedByAgent: boolean;
  /** Effective; undefined where they were not kept. */
  readonly arguments: JsonObject | undefined;
  /** What was said of it: allowed, held (and run, once approved), denied, or stopped by a budget. */
  readonly verdict: 'allow' | 'hold' | 'deny' | 'stop';
  /** Undefined where it never ran. */
  readonly ran: Ran | undefined;
  /** What rules that only observe would have done. */
  readonly observed: readonly Observed[];
}

interface Ran {
  /** Undefined where it has not ended, as is the outcome. */
  readonly settledAt: number | undefined;
  readonly outcome: OutcomeWord | undefined;
  /** Undefined where it was not kept. */
  readonly result: JsonObject | undefined;
  readonly effect: string;
  /** Digest of the policy that it ran under. */
  readonly policy: string;
}
