/**
 * Tasks toward clients that take them (io.modelcontextprotocol/tasks): a call that waits for a person, or that its server
 * made a task of, is answered at once with a name for it. Looking at it after the approval presents the call, which runs it.
 */
import type { Asked, Received, Settled } from '../domain/call.ts';
import { CANCELLED, type Line } from '../domain/exchange.ts';
import type { Hold } from '../domain/hold.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import { CONTINUE } from '../domain/names.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Task, TaskStanding } from '../domain/tasks.ts';
import { wordedRefusal, wordedSettled } from '../wire/answers.ts';
import { resultText } from '../wire/dress.ts';
import { invalidParams, type Said, saidFault, type WireFault } from '../wire/faults.ts';
import { callerFault } from '../wire/refusals.ts';
import type { Seal } from '../wire/seal.ts';
import { outcomeSentence, refusalSentence, type SpokenRefusal } from '../wire/sentences.ts';
import {
  type NamedTask,
  nameTask,
  openTask,
  type TaskStatus,
  taskResult,
  tasksUndeclared,
  unknownTask,
} from '../wire/tasks.ts';
import { UNANSWERED, type Waiting } from './answer.ts';
import { type AnswerRequest, dressOf, type Turn } from './conversation.ts';
import { receivedFrom } from './received.ts';

/** How long a task can be read once nothing more happens to it, in milliseconds. */
const READABLE = 24 * 60 * 60_000;

export const takesTasks = ({ operation, abilities }: Pick<Received, 'operation' | 'abilities'>): boolean =>
  operation === 'tools/call' && abilities.tasks === true;

/** The answer of a call whose client comes back for its end; undefined where it needs not. */
export function saidTask(turn: Turn, received: Received, answer: Result<Settled | Asked, Refusal>): Said | undefined {
  if (!takesTasks(received)) return undefined;
  if (answer.ok) {
    if ('outcome' in answer.value || answer.value.isTask !== true) return undefined;
    const { id: call, session: lineage } = answer.value;
    return created(turn, { call, hold: undefined, lineage, isAnothers: false }, RUNNING, turn.keeper.now());
  }
  if (answer.error.reason === 'repeated') {
    const task = { call: answer.error.call, hold: undefined, lineage: undefined, isAnothers: true };
    return created(turn, task, RUNNING, turn.keeper.now());
  }
  if (answer.error.reason !== 'held') return undefined;
  const { hold } = answer.error;
  const task = { call: received.id, hold: hold.id, lineage: hold.lineage, isAnothers: false };
  return created(turn, task, waitingFor(turn, hold), hold.expiresAt);
}

/** `until`: when what it waits for is over at the latest, milliseconds since the epoch. */
function created(turn: Turn, task: Task, status: TaskStatus, until: number): Said {
  const { keeper, request } = turn;
  const at = keeper.now();
  const named = nameTask(task, at, Math.max(until - at, 0) + READABLE, sealOf(turn));
  const result = { resultType: 'task', ...taskResult(named, status) };
  return { text: resultText(request.id, result, dressOf(turn)), status: 200 };
}

const sealOf = ({ keeper, caller }: Turn): Seal => ({ key: keeper.sealKey, boundTo: caller.boundTo });

const RUNNING: TaskStatus = { status: 'working', message: 'The call is under way.' };
const VOID: TaskStatus = {
  status: 'cancelled',
  message: 'It was taken back, or what its approval would be bound to has changed. The same call asks again.',
};

const waitingFor = ({ keeper }: Turn, { id }: Hold): TaskStatus => ({
  status: 'working',
  message: `Not done: waiting for approval by a person, at ${keeper.holdUrl(id)}`,
});

/** The task that a request names, where its client takes tasks and it is the client's own. */
export function taskIn(turn: Turn, id: unknown): Result<NamedTask, WireFault> {
  const { keeper, request, caller } = turn;
  if (caller.abilities.tasks !== true) return refuse(tasksUndeclared(request.id));
  const named = openTask(id, keeper.now(), sealOf(turn));
  return named === undefined ? refuse(unknownTask(request.id)) : ok(named);
}

export const getTask: AnswerRequest = async (turn) => {
  const named = taskIn(turn, turn.request.params['taskId']);
  if (!named.ok) return saidFault(named.error);
  const standing = await turn.keeper.path.tasks.look(turn.caller, named.value.task);
  if (!standing.ok) return saidFault(lookedInVain(turn, standing.error));
  const found =
    standing.value.is === 'answered' ? await run(turn, named.value.task, standing.value.hold) : standing.value;
  const status = 'status' in found ? found : statusOf(turn, found);
  const settled = 'is' in found && found.is === 'settled' ? found.settled.recorded?.at : undefined;
  return { text: resultText(turn.request.id, taskResult(named.value, status, settled), dressOf(turn)), status: 200 };
};

export const updateTask: AnswerRequest = async (turn) => {
  const { request, keeper, caller } = turn;
  const named = taskIn(turn, request.params['taskId']);
  if (!named.ok) return saidFault(named.error);
  const { inputResponses } = request.params;
  if (!isObject(inputResponses)) return saidFault(invalidParams(request.id, 'inputResponses is an object', 200));
  const standing = await keeper.path.tasks.look(caller, named.value.task, inputResponses);
  return standing.ok ? done(turn) : saidFault(lookedInVain(turn, standing.error));
};

export const cancelTask: AnswerRequest = async (turn) => {
  const named = taskIn(turn, turn.request.params['taskId']);
  if (!named.ok) return saidFault(named.error);
  const cancelled = await turn.keeper.path.tasks.cancel(turn.caller, named.value.task);
  return cancelled.ok ? done(turn) : saidFault(lookedInVain(turn, cancelled.error));
};

const done = (turn: Turn): Said => ({ text: resultText(turn.request.id, {}, dressOf(turn)), status: 200 });

const lookedInVain = ({ request }: Turn, refusal: Refusal): WireFault =>
  (refusal.reason === 'session_unknown' ? undefined : callerFault(request.id, refusal)) ?? unknownTask(request.id);

/** How a task that nobody runs now is said. */
export function statusOf(turn: Turn, standing: TaskStanding): TaskStatus {
  switch (standing.is) {
    case 'held':
      return waitingFor(turn, standing.hold);
    case 'answered':
      return { status: 'working', message: 'A person has answered. Look at the task to go on.' };
    case 'void':
      return VOID;
    case 'late':
      return refusedFor(turn, standing.hold.decisions.length > 0 ? UNUSED : UNANSWERED);
    case 'running':
      return asked(standing.questions);
    case 'settled':
      return settledAs(turn, standing.settled);
  }
}

const UNUSED: Refusal = {
  reason: 'denied',
  rules: [],
  why: 'it was not made in the time that its approval was for',
  remedy: 'Tell the user. The same call asks again.',
};

const asked = (questions: Asked['questions']): TaskStatus =>
  Object.keys(questions).length === 0 ? RUNNING : { status: 'input_required', questions };

const NAMED = { operation: 'tools/call', target: CONTINUE, completes: undefined } as const;

/** One that its client cancelled has no result: what is known of it is said beside. */
function settledAs(turn: Turn, settled: Settled): TaskStatus {
  const { outcome } = settled;
  if (outcome.outcome === 'unknown' && outcome.why.startsWith(CANCELLED))
    return { status: 'cancelled', message: outcomeSentence(outcome) };
  return { status: 'ended', worded: wordedSettled(turn.request.id, NAMED, settled, dressOf(turn)) };
}

const refusedFor = (turn: Turn, refusal: Refusal): TaskStatus => ({
  status: 'ended',
  worded: wordedRefusal(turn.request.id, NAMED, refusal, dressOf(turn)),
});

/** What passes: the approval stands meanwhile, and the next look tries again. */
const PASSES: ReadonlySet<Refusal['reason']> = new Set([
  'session_paused',
  'stopped',
  'server_unavailable',
  'no_credential',
  'over_quota',
  'over_budget',
]);

/** It is not waited for, whatever it waits for. */
const AT_ONCE: Waiting = { begin: () => undefined, patience: 0 };

/** Presents the call that a hold keeps, as `tollgate__continue` does. The first to commit it runs it; it goes on when this is answered. */
async function run(turn: Turn, { call: id }: Task, { id: hold }: Hold): Promise<TaskStatus | TaskStanding> {
  const target = { ...NAMED, arguments: { hold } satisfies JsonObject };
  const beside = { id, round: undefined, ahead: undefined, subscriber: undefined, line: nobody() };
  const answer = await turn.keeper.answerCall({ ...receivedFrom(turn, target, beside), comesBack: true }, AT_ONCE);
  if (answer.ok) return 'outcome' in answer.value ? settledAs(turn, answer.value) : asked(answer.value.questions);
  const { error } = answer;
  if (error.reason === 'held') return VOID;
  if (error.reason === 'repeated') return RUNNING;
  if (!PASSES.has(error.reason)) return refusedFor(turn, error);
  return { status: 'working', message: refusalSentence(error as SpokenRefusal, turn.keeper.holdUrl) };
}

/** Who only looks hears nothing meanwhile, and cancels nothing by leaving. */
const nobody = (): Line => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  logLevel: undefined,
  log: () => undefined,
  ask: undefined,
});
