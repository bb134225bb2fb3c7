/**
 * How a task stands, and taking it back. Looking runs nothing and writes nothing; answers go to the exchange that is open, at
 * whichever replica. Its id was sealed for this very principal at this very door; that the policy still lets them in is
 * judged at each look.
 */
import type { Asked, OpenExchange, Route, Settled } from '../domain/call.ts';
import { CANCELLED, type Line } from '../domain/exchange.ts';
import type { Hold } from '../domain/hold.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Changing } from '../domain/ports.ts';
import type { Presented } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Task, TaskStanding } from '../domain/tasks.ts';
import { untilFound } from './await-others.ts';
import type { FindOpen } from './prepare.ts';
import { type Looking, seenBy } from './seen-by.ts';

export interface TaskAsker {
  readonly presented: Presented;
  readonly route: Route;
}

export interface Tasks {
  /** `answers`, by key, are handed to the server first. Refused where the task is not there any more. */
  look(asker: TaskAsker, task: Task, answers?: JsonObject): Promise<Result<TaskStanding, Refusal>>;
  /** Takes back what waits, and cancels what runs. Without effect on what has ended, and on a call that is another's. */
  cancel(asker: TaskAsker, task: Task): Promise<Result<void, Refusal>>;
  /** Tells how it stands, whenever that changed, until it ends or `signal` aborts. */
  watch(asker: TaskAsker, task: Task, told: (standing: TaskStanding) => void, signal: AbortSignal): Promise<void>;
}

const UNKNOWN: Refusal = { reason: 'session_unknown' };

/** Who looks at a task hears nothing of its progress, and does not cancel it by leaving. */
const silent = (signal: AbortSignal): Line => ({
  signal,
  progress: () => undefined,
  logLevel: undefined,
  log: () => undefined,
  ask: undefined,
});

export function tasks(looking: Looking, findOpen: FindOpen): Tasks {
  const { ledger, now } = looking;

  /** The hold of a task; refused where it is gone, or the caller may not be here any more. */
  const holdOf = async ({ presented, route }: TaskAsker, task: Task): Promise<Result<Hold | undefined, Refusal>> => {
    const seen = await seenBy(looking, presented, route);
    if (!seen.ok) return seen;
    if (task.hold === undefined) return ok(undefined);
    const hold = await ledger.hold(task.hold, now());
    return hold?.lineage === task.lineage ? ok(hold) : refuse(UNKNOWN);
  };

  const standingOf = async (task: Task, answers: JsonObject | undefined): Promise<Result<TaskStanding, Refusal>> => {
    const open = task.isAnothers ? undefined : await openOf(task);
    if (open !== undefined) return ok(reached(await open.goOn(round(task, answers))));
    const recorded = await ledger.recorded(task.call);
    if (recorded !== undefined) {
      const { at, outcome } = recorded;
      const marks = task.isAnothers ? { at, textOnly: true } : undefined;
      return ok({ is: 'settled', settled: { id: task.call, outcome, recorded: marks } });
    }
    const made = await madeCall(task);
    if (made === undefined && !task.isAnothers) return refuse(UNKNOWN);
    if (made?.outcome === undefined) return ok({ is: 'running', questions: {} });
    return ok({ is: 'settled', settled: { id: task.call, ...forgotten(made.outcome) } });
  };

  const madeCall = async ({ lineage, call }: Task) =>
    lineage === undefined ? undefined : ledger.madeCall(lineage, call);

  const openOf = async (task: Task): Promise<OpenExchange | undefined> => {
    const made = await madeCall(task);
    const [server = ''] = made?.target.split('.') ?? [];
    return made?.outcome === undefined ? findOpen(task.call, server) : undefined;
  };

  const look: Tasks['look'] = async (asker, task, answers) => {
    const held = await holdOf(asker, task);
    if (!held.ok) return held;
    const hold = held.value;
    const used = hold === undefined ? task : usedBy(hold, task);
    if (used !== undefined) return standingOf(used, answers);
    return hold === undefined ? refuse(UNKNOWN) : ok(unused(hold));
  };

  return {
    look,
    cancel: async (asker, task) => {
      const held = await holdOf(asker, task);
      if (!held.ok) return held;
      const used = held.value === undefined ? task : usedBy(held.value, task);
      if (used === undefined && task.hold !== undefined) await ledger.withdraw(task.hold, now());
      const open = used === undefined || used.isAnothers ? undefined : await openOf(used);
      if (open === undefined) return ok(undefined);
      const cancelled = new AbortController();
      const { id } = round(task, undefined);
      open.goOn({ id, round: NO_ANSWERS, line: silent(cancelled.signal) }).catch(() => undefined);
      cancelled.abort(CANCELLED);
      return ok(undefined);
    },
    watch: async (asker, task, told, signal) => {
      const keys: readonly Changing[] = [
        ...(task.hold === undefined ? [] : ([`hold:${task.hold}`] as const)),
        `call:${task.call}`,
      ];
      let last = '';
      await untilFound(ledger, keys, signal, async () => {
        const standing = await look(asker, task);
        if (!standing.ok) return true;
        if (standing.value.is !== last) told(standing.value);
        last = standing.value.is;
        return ENDS.has(last) || undefined;
      });
    },
  };
}

const ENDS: ReadonlySet<string> = new Set<TaskStanding['is']>(['late', 'void', 'settled']);

/** A round that hands over nothing: no question has its number. */
const NO_ANSWERS = { number: -1, session: '', digest: '', answers: {} };

const round = ({ call }: Task, answers: JsonObject | undefined) => ({
  id: call,
  round: { ...NO_ANSWERS, answers: answers ?? {}, looks: true },
  line: silent(new AbortController().signal),
});

const reached = (found: Settled | Asked): TaskStanding =>
  'outcome' in found ? { is: 'settled', settled: found } : { is: 'running', questions: found.questions };

/** The call that used the hold: its own, or the last of others where nothing is left of it. */
function usedBy({ state, usedBy: calls }: Hold, task: Task): Task | undefined {
  if (calls.includes(task.call)) return task;
  const last = calls.at(-1);
  return state === 'used' && last !== undefined ? { ...task, call: last, isAnothers: true } : undefined;
}

function unused(hold: Hold): TaskStanding {
  if (hold.isVoid) return { is: 'void' };
  if (hold.state === 'open') return { is: 'held', hold };
  return hold.state === 'lapsed' ? { is: 'late', hold } : { is: 'answered', hold };
}

/** An outcome whose content is not kept: that it was reached is on record all the same. */
const forgotten = (word: Settled['outcome']['outcome']): Pick<Settled, 'outcome' | 'recorded'> => ({
  outcome:
    word === 'not_sent'
      ? { outcome: 'not_sent', why: 'the call could not be made' }
      : { outcome: 'withheld', why: 'its result is not kept any more' },
  recorded: undefined,
});
