/** A call, from its request to its answer: read, presented, waited for, and said in the words of its caller's revision. */
import type { Received, Round } from '../domain/call.ts';
import type { Line } from '../domain/exchange.ts';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { saidAsked, saidRefusal, saidSettled } from '../wire/answers.ts';
import { invalidParams, type Said, saidFault, type WireFault } from '../wire/faults.ts';
import { logText } from '../wire/notices.ts';
import { wrongState } from '../wire/refusals.ts';
import { openRound, sealRound } from '../wire/request-state.ts';
import type { Seal } from '../wire/seal.ts';
import { readTarget, type Target } from '../wire/targets.ts';
import { type AnswerRequest, dressOf, type Turn } from './conversation.ts';
import { type CameBack, cameBackFrom } from './offer-page.ts';
import { receivedFrom } from './received.ts';
import { saidTask } from './tasks.ts';
import { IN_ROUNDS, Wait } from './wait.ts';

type Token = string | number | undefined;

export const call =
  (operation: Operation): AnswerRequest =>
  async (turn) => {
    const { keeper, request, reply } = turn;
    const target = readTarget(operation, request.params);
    if (!target.ok) return saidFault(invalidParams(request.id, target.error));
    const token = request.meta['progressToken'];
    if (!isToken(token)) return saidFault(invalidParams(request.id, 'progressToken is a string or a whole number'));
    const resumed = resumedBy(turn, target.value);
    if (!resumed.ok) return saidFault(resumed.error);
    const { id = keeper.newId('call'), round, ahead, back } = resumed.value;
    reply.mayTakeLong(token);
    const line = lineOf(turn, id, token);
    const received = receivedFrom(turn, target.value, { id, round, ahead, subscriber: undefined, line });
    return present(turn, received, token, back);
  };

/** Presents a call, waits as long as its caller can, and says how it came out. */
async function present(turn: Turn, received: Received, token: Token, back: CameBack | undefined): Promise<Said> {
  const { keeper, request, caller } = turn;
  const dress = dressOf(turn);
  const wait = new Wait(turn, received, token, back);
  if (back?.kind === 'login' && back.opened) await wait.untilFinished(back.url);
  let answer = await keeper.answerCall(received, wait);
  if (!answer.ok && (await wait.untilLoggedIn(answer.error))) answer = await keeper.answerCall(received, wait);
  wait.end();
  const task = saidTask(turn, received, answer);
  if (task !== undefined) return task;
  if (!answer.ok) {
    const next = wait.next(answer.error, sealOf(turn, received));
    if (next !== undefined) return saidAsked(request.id, next, next.state, dress);
    return saidRefusal(request.id, received, answer.error, dress);
  }
  if ('outcome' in answer.value) return saidSettled(request.id, received, answer.value, dress);
  if (caller.era === 'legacy') throw new Error(`call ${received.id} asks a client that cannot come back`);
  const { id, round, session, digest } = answer.value;
  const state = sealRound({ call: id, number: round, session, digest }, keeper.now(), sealOf(turn, received));
  return saidAsked(request.id, answer.value, state, dress);
}

interface Resumed {
  /** Undefined where this is a call of its own. */
  readonly id: string | undefined;
  readonly round: Round | undefined;
  /** Answers without a state are for nothing that was asked; what is asked may want them. */
  readonly ahead: JsonObject | undefined;
  /** From where its client comes back. */
  readonly back: CameBack | undefined;
}

/** The call that a request goes on with, or a call of its own. */
function resumedBy(turn: Turn, target: Target): Result<Resumed, WireFault> {
  const { keeper, request, caller } = turn;
  const { requestState, inputResponses } = request.params;
  const comesBack = caller.era === 'modern' && IN_ROUNDS.has(target.operation);
  const given = comesBack && isObject(inputResponses) ? answersIn(inputResponses) : undefined;
  if (requestState === undefined || !comesBack)
    return ok({ id: undefined, round: undefined, ahead: given, back: undefined });
  const note = openRound(requestState, keeper.now(), sealOf(turn, target));
  const back = note === undefined ? cameBackFrom(requestState, given, keeper.now(), sealOf(turn, target)) : undefined;
  if (back !== undefined) return ok({ id: undefined, round: undefined, ahead: undefined, back });
  if (note === undefined) return refuse(wrongState(request.id));
  const { call: id, ...of } = note;
  return ok({ id, round: { ...of, answers: given ?? {} }, ahead: undefined, back });
}

const answersIn = (responses: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(responses).filter(([, answer]) => isObject(answer)));

const sealOf = ({ keeper, caller }: Turn, { operation, target }: Pick<Target, 'operation' | 'target'>): Seal => ({
  key: keeper.sealKey,
  boundTo: [...caller.boundTo, operation, target],
});

function lineOf(turn: Turn, id: string, token: Token): Line {
  const { caller, reply } = turn;
  return {
    signal: reply.signal,
    progress: (step) => {
      if (token !== undefined) reply.progress(token, step);
    },
    logLevel: caller.logLevel,
    log: (entry) => void reply.tell(logText(entry)),
    ask: asking(turn, id),
  };
}

/** Questions go out on the stream of the very request that they belong to. */
function asking({ caller, reply }: Turn, call: string): Line['ask'] {
  const { connection } = caller;
  if (connection === undefined) return undefined;
  let asked = 0;
  return (question, until) => {
    asked++;
    const nobodyListens = AbortSignal.any([until, reply.gone()]);
    return connection.questions.ask(question, `${call}.${asked}`, (text) => reply.say(text), nobodyListens);
  };
}

const isToken = (token: JsonValue | undefined): token is Token =>
  token === undefined || (typeof token === 'string' && token.length <= 256) || Number.isSafeInteger(token);
