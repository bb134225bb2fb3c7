/**
 * A call that its server made a task of (io.modelcontextprotocol/tasks): to us it is one exchange all the same. The server is
 * asked how the task stands until it ends, its questions are put, and who cancels the call cancels the task.
 */
import type { Exchange, Question } from '../domain/exchange.ts';
import { isDeeper, isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import { taskText } from '../wire/outgoing.ts';
import type { Era } from '../wire/revisions.ts';
import type { Reply } from './links/channel.ts';
import type { PeerRequest } from './links/peer.ts';
import { MOST_QUESTIONS, readQuestion } from './links/questions.ts';
import { readReply } from './read-result.ts';
import { type Course, inputRound, pause } from './rounds.ts';

/** How often a server is asked, in milliseconds: as it says, within these bounds. */
const PACE = { unsaid: 1_000, least: 50, most: 5_000 };
/** How long a server may take to hear that its task is cancelled. */
const CANCEL_WITHIN = 5_000;
const LONGEST_ID = 1_024;
/** Levels of objects and lists: a task around an answer. */
const DEEPEST = 66;

interface Asked {
  /** Never rejects. */
  request(request: PeerRequest): Promise<Reply>;
}

export interface ServerTask {
  readonly id: string;
  /** Milliseconds between two looks. */
  readonly pace: number;
}

/** The task that an answer names; undefined where it names none, or we did not say that we take one. */
export function serverTask(era: Era, { operation, abilities }: Exchange, reply: Reply): ServerTask | undefined {
  if (era !== 'modern' || operation !== 'tools/call' || abilities.tasks !== true) return undefined;
  if (reply.kind !== 'result' || !isObject(reply.result) || reply.result['resultType'] !== 'task') return undefined;
  const { taskId, pollIntervalMs } = reply.result;
  if (typeof taskId !== 'string' || taskId === '' || taskId.length > LONGEST_ID) return undefined;
  return { id: taskId, pace: paceOf(pollIntervalMs) };
}

const paceOf = (said: JsonValue | undefined): number =>
  typeof said === 'number' ? Math.min(Math.max(said, PACE.least), PACE.most) : PACE.unsaid;

/** Follows a task to its end. Bytes have left for it: what cannot be known of it is `unknown`. */
export async function followTask(way: Asked, course: Course, task: ServerTask): Promise<Outcome> {
  course.exchange.line.tasked?.();
  /** A server may show for a while what was answered; its keys are unique over the task's life. */
  const answered = new Set<unknown>();
  for (;;) {
    const over = await pause(course, task.pace);
    if (over !== undefined) {
      await say(way, course, task, 'tasks/cancel', {}, CANCEL_WITHIN);
      return { outcome: 'unknown', why: over };
    }
    const read = readTask(await say(way, course, task, 'tasks/get', {}, course.clock.left()));
    if (read.outcome !== undefined) return read;
    const questions = read.questions.filter(({ key }) => !answered.has(key));
    if (questions.length === 0) continue;
    const round = await inputRound(course, {
      outcome: undefined,
      questions,
      requestState: undefined,
      otherwise: undefined,
    });
    if (!round.ok) {
      await say(way, course, task, 'tasks/cancel', {}, CANCEL_WITHIN);
      return round.error;
    }
    for (const { key } of questions) answered.add(key);
    const { inputResponses = {} } = round.value;
    await say(way, course, task, 'tasks/update', { inputResponses }, course.clock.left());
  }
}

/** A request about the task. It outlives its caller: who cancels is still to be heard. */
function say(
  way: Asked,
  { exchange, late }: Course,
  { id: taskId }: ServerTask,
  method: string,
  params: JsonObject,
  within: number,
): Promise<Reply> {
  const { abilities, credential } = exchange;
  const text = (id: number): string => taskText(id, method, { ...params, taskId }, abilities);
  return way.request({ method, name: taskId, credential, text, within: Math.max(within, 1), late, cancellable: false });
}

/** What still goes on, with what it asks for; or how it ended. */
type Read = { readonly outcome: undefined; readonly questions: readonly Question[] } | Outcome;

const GOES_ON: Read = { outcome: undefined, questions: [] };

function readTask(reply: Reply): Read {
  // No answer to a look says nothing of the task: it is looked for again until its time is up.
  if (reply.kind === 'lost') return GOES_ON;
  if (reply.kind === 'withheld') return { outcome: 'withheld', why: reply.why };
  if (reply.kind !== 'result') return { outcome: 'unknown', why: 'the server does not tell what became of its task' };
  const task = reply.result;
  if (!isObject(task)) return { outcome: 'withheld', why: 'the task is no object' };
  if (isDeeper(task, DEEPEST)) return { outcome: 'withheld', why: `the task is nested deeper than ${DEEPEST} levels` };
  switch (task['status']) {
    case 'working':
      return GOES_ON;
    case 'input_required':
      return readInput(task['inputRequests']);
    case 'completed':
      return ended({ kind: 'result', result: task['result'] });
    case 'failed':
      return failed(task['error']);
    case 'cancelled':
      return { outcome: 'unknown', why: 'the server cancelled its task' };
    default:
      return { outcome: 'withheld', why: 'the task has no status that is known' };
  }
}

function readInput(requests: JsonValue | undefined): Read {
  const asked = isObject(requests) ? Object.entries(requests) : [];
  const questions = asked.flatMap(
    ([key, request]) => (isObject(request) && readQuestion(request['method'], request['params'], key)) || [],
  );
  return questions.length === asked.length && asked.length <= MOST_QUESTIONS
    ? { outcome: undefined, questions }
    : { outcome: 'withheld', why: 'the server asks for input in a form that is not valid' };
}

function ended(reply: Reply): Outcome {
  const read = readReply(reply, 'tools/call', 'modern');
  return read.outcome === undefined ? { outcome: 'withheld', why: 'the task ended with another question' } : read;
}

function failed(error: JsonValue | undefined): Outcome {
  const { code, message, data } = isObject(error) ? error : {};
  return ended({
    kind: 'error',
    code: typeof code === 'number' && Number.isSafeInteger(code) ? code : -32603,
    message: typeof message === 'string' ? message : 'the task failed',
    data,
    status: undefined,
  });
}
