/**
 * Tasks (`io.modelcontextprotocol/tasks`): a call whose client comes back for its end. What a task is of is a hold or a call,
 * which are durable; the task itself is no more than a name for them, and nothing of its own is kept.
 */
import type { Asked, Settled } from './call.ts';
import type { Hold } from './hold.ts';

/** The extension's name. */
export const TASKS = 'io.modelcontextprotocol/tasks';

/** What a task's id names. */
export interface Task {
  /** Under which id the call runs, or runs already. */
  readonly call: string;
  /** The hold that it waits for; undefined where its server made the task. */
  readonly hold: string | undefined;
  /** The first of the sessions that its session follows; undefined of a call that is another's. */
  readonly lineage: string | undefined;
  /** The call is another's that this one waits for: it is not this task's to cancel. */
  readonly isAnothers: boolean;
}

export type TaskStanding =
  /** A person has not answered yet. */
  | { readonly is: 'held'; readonly hold: Hold }
  /** It is answered, and whoever presents it now learns how: approved, it runs. */
  | { readonly is: 'answered'; readonly hold: Hold }
  /** Nobody answered in time, or it was approved and not made in time. */
  | { readonly is: 'late'; readonly hold: Hold }
  /** Taken back, or what it was bound to changed. */
  | { readonly is: 'void' }
  /** It runs: with what its server asks. */
  | { readonly is: 'running'; readonly questions: Asked['questions'] }
  | { readonly is: 'settled'; readonly settled: Settled };
