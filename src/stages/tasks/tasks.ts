/**
 * How a task stands, and taking it back. Looking runs nothing and writes nothing; answers go to the exchange that is open, at
 * whichever replica. Its id was sealed for this very principal at this very door; that the policy still lets them in is
 * judged at each look.
 */
import type { OpenExchange } from '../../domain/call.ts';
import { CANCELLED } from '../../domain/exchange.ts';
import type { Hold } from '../../domain/hold.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Changing } from '../../domain/ports.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Task, TaskStanding } from '../../domain/tasks.ts';
import { untilFound } from '../await-others.ts';
import type { Asker } from '../memory/own-session.ts';
import type { FindOpen } from '../prepare.ts';
import { type Looking, seenBy } from '../seen-by.ts';
import { forgotten, looking as look, NO_ANSWERS, reached, settledAs, silent, unused, usedBy } from './standings.ts';

export interface Tasks {
  /** `answers`, by key, are handed to the server first. Refused where the task is not there any more. */
  look(asker: Asker, task: Task, answers?: JsonObject): Promise<Result<TaskStanding, Refusal>>;
  /** Takes back what waits, and cancels what runs. Without effect on what has ended, and on a call that is another's. */
  cancel(asker: Asker, task: Task): Promise<Result<void, Refusal>>;
  /** Tells how it stands, whenever that changed, until it ends or `signal` aborts. */
  watch(asker: Asker, task: Task, told: (standing: TaskStanding) => void, signal: AbortSignal): Promise<void>;
}

const UNKNOWN: Refusal = { reason: 'session_unknown' };
const ENDS: ReadonlySet<string> = new Set<TaskStanding['is']>(['late', 'void', 'settled']);

export function tasks(of: Looking, findOpen: FindOpen): Tasks {
  const { ledger, now } = of;

  /** The hold of a task; refused where it is gone, or the caller may not be here any more. */
  const holdOf = async ({ presented, route }: Asker, task: Task): Promise<Result<Hold | undefined, Refusal>> => {
    const seen = await seenBy(of, presented, route);
    if (!seen.ok) return seen;
    if (task.hold === undefined) return ok(undefined);
    const hold = await ledger.hold(task.hold, now());
    return hold?.lineage === task.lineage ? ok(hold) : refuse(UNKNOWN);
  };

  const openOf = async ({ call, lineage, isAnothers }: Task): Promise<OpenExchange | undefined> => {
    if (isAnothers || lineage === undefined) return undefined;
    const made = await ledger.madeCall(lineage, call);
    return made?.outcome === undefined ? findOpen(call, made?.target.split('.')[0] ?? '') : undefined;
  };

  const sent = async (task: Task, answers?: JsonObject): Promise<Result<TaskStanding, Refusal>> => {
    const open = await openOf(task);
    if (open !== undefined) return ok(reached(await open.goOn(look(task, answers))));
    const recorded = await ledger.recorded(task.call);
    if (recorded !== undefined) return ok(settledAs(task, recorded));
    const made = task.lineage === undefined ? undefined : await ledger.madeCall(task.lineage, task.call);
    if (made === undefined && !task.isAnothers) return refuse(UNKNOWN);
    return ok(made?.outcome === undefined ? { is: 'running', questions: {} } : forgotten(task, made.outcome));
  };

  const standing: Tasks['look'] = async (asker, task, answers) => {
    const hold = await holdOf(asker, task);
    if (!hold.ok) return hold;
    if (hold.value === undefined) return sent(task, answers);
    const used = usedBy(hold.value, task);
    return used === undefined ? ok(unused(hold.value)) : sent(used, answers);
  };

  return {
    look: standing,
    cancel: async (asker, task) => {
      const hold = await holdOf(asker, task);
      if (!hold.ok) return hold;
      const used = hold.value === undefined ? task : usedBy(hold.value, task);
      if (used === undefined && task.hold !== undefined) await ledger.withdraw(task.hold, now());
      const open = used && (await openOf(used));
      const cancelled = new AbortController();
      open?.goOn({ id: task.call, round: NO_ANSWERS, line: silent(cancelled.signal) }).catch(() => undefined);
      cancelled.abort(CANCELLED);
      return ok(undefined);
    },
    watch: async (asker, task, told, signal) => {
      const held: readonly Changing[] = task.hold === undefined ? [] : [`hold:${task.hold}`];
      let last = '';
      await untilFound(ledger, [...held, `call:${task.call}`], signal, async () => {
        const found = await standing(asker, task);
        if (!found.ok) return true;
        if (found.value.is !== last) told(found.value);
        last = found.value.is;
        return ENDS.has(last) || undefined;
      });
    },
  };
}
