/** How a task stands, as its hold, its exchange and the ledger say it. */
import type { Asked, Settled } from '../../domain/call.ts';
import type { Line } from '../../domain/exchange.ts';
import type { Hold } from '../../domain/hold.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { OutcomeWord } from '../../domain/outcome.ts';
import type { Recorded } from '../../domain/ports.ts';
import type { Task, TaskStanding } from '../../domain/tasks.ts';

/** The call that used the hold: its own, or the last of others where nothing is left of it. */
export function usedBy({ state, usedBy: calls }: Hold, task: Task): Task | undefined {
  if (calls.includes(task.call)) return task;
  const last = calls.at(-1);
  return state === 'used' && last !== undefined ? { ...task, call: last, isAnothers: true } : undefined;
}

export function unused(hold: Hold): TaskStanding {
  if (hold.isVoid) return { is: 'void' };
  if (hold.state === 'open') return { is: 'held', hold };
  return hold.state === 'lapsed' ? { is: 'late', hold } : { is: 'answered', hold };
}

export const reached = (found: Settled | Asked): TaskStanding =>
  'outcome' in found ? { is: 'settled', settled: found } : { is: 'running', questions: found.questions };

/** What another call came to says so; its own is nothing but its end. */
export const settledAs = ({ call, isAnothers }: Task, { at, outcome }: Recorded): TaskStanding => ({
  is: 'settled',
  settled: { id: call, outcome, recorded: isAnothers ? { at, textOnly: true } : undefined },
});

/** An outcome whose content is not kept: that it was reached is on record all the same. */
export const forgotten = ({ call }: Task, word: OutcomeWord): TaskStanding => ({
  is: 'settled',
  settled: {
    id: call,
    outcome:
      word === 'not_sent'
        ? { outcome: 'not_sent', why: 'the call could not be made' }
        : { outcome: 'withheld', why: 'its result is not kept any more' },
    recorded: undefined,
  },
});

/** A round that hands over nothing: no question has its number. */
export const NO_ANSWERS = { number: -1, session: '', digest: '', answers: {} };

/** A round that only looks, and hands over these answers to whatever is open. */
export const looking = ({ call: id }: Task, answers: JsonObject = {}) => ({
  id,
  round: { ...NO_ANSWERS, answers, looks: true },
  line: silent(new AbortController().signal),
});

/** Who looks at a task hears nothing of its progress. */
export const silent = (signal: AbortSignal): Line => ({
  signal,
  progress: () => undefined,
  logLevel: undefined,
  log: () => undefined,
  ask: undefined,
});
