/** One call, from its first byte to its one outcome: the rounds that a modern server may ask for included. */
import { setTimeout as after } from 'node:timers/promises';
import type { Exchange, Progress } from '../domain/exchange.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Now } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { callText, type Round } from '../wire/outgoing.ts';
import type { Era } from '../wire/revisions.ts';
import type { Reply } from './channel.ts';
import { LONGEST_TIMER, type PeerRequest } from './peer.ts';
import { type InputRequired, readReply } from './read-result.ts';

/** Rounds of input in one call; a server that asks on is a loop. */
const MOST_ROUNDS = 10;
/** A server that names no input wants time: the next round comes after so many milliseconds. */
const PACE = 250;

/** What a call needs of its connection. */
export interface Way {
  readonly era: Era;
  readonly now: Now;
  /** Never rejects. */
  request(request: PeerRequest): Promise<Reply>;
  /** Whether the server describes this tool otherwise than it was pinned. */
  isChanged(tool: string): boolean;
  /** `Mcp-Param-*` headers for this tool and these arguments. */
  parameters(tool: string, canonical: string): Readonly<Record<string, string>>;
}

/** Never rejects. */
export async function makeCall(way: Way, exchange: Exchange): Promise<Outcome> {
  const { name: tool, canonical, trace, line } = exchange;
  const within = exchange.deadline - way.now();
  if (line.signal.aborted) return { outcome: 'not_sent', why: 'cancelled by the caller before it was sent' };
  if (within <= 0) return { outcome: 'not_sent', why: 'its deadline passed before it was sent' };
  const fixed = {
    method: 'tools/call',
    name: tool,
    parameters: way.parameters(tool, canonical),
    late: `no answer within ${Number((within / 1000).toFixed(1))} s`,
    cancellable: true,
    signal: line.signal,
    progress: rising(line.progress.bind(line)),
    ask: exchange.ask.bind(exchange),
  };
  const left = (): number => Math.max(exchange.deadline - way.now(), 1);
  let round: Round | undefined;
  for (let rounds = 0; rounds <= MOST_ROUNDS; rounds++) {
    const call = { tool, canonical, trace, round };
    const send = () => way.request({ ...fixed, within: left(), text: (id) => callText(way.era, id, call) });
    const reply = await send();
    const answer = reply.kind === 'forgotten' ? await sendAgain(way, exchange, fixed.late, reply.renewed, send) : reply;
    const read = roundsTold(readReply(answer, way.era), rounds);
    if (read.outcome !== undefined) return read;
    const next = await untilOver(way.now, exchange, fixed.late, answerAll(exchange, read));
    if (!next.ok) return { outcome: 'unknown', why: next.error };
    if (!next.value.ok) return next.value.error;
    round = next.value.value;
  }
  return { outcome: 'rpc_error', code: 0, message: `the server asked for input more than ${MOST_ROUNDS} times` };
}

/** A 404 to a session says that the request was not run: once there is a new session it is sent again, once. */
async function sendAgain(
  way: Way,
  exchange: Exchange,
  late: string,
  renewed: Promise<boolean>,
  send: () => Promise<Reply>,
): Promise<Reply> {
  const forgot = (why: string): Reply => ({
    kind: 'error',
    code: 404,
    message: `the server forgot the session and did not run the call; ${why}`,
    data: undefined,
    status: 404,
  });
  const ready = await untilOver(way.now, exchange, late, renewed);
  if (!ready.ok) return forgot(ready.error);
  if (!ready.value) return forgot('a new session could not be opened');
  if (way.isChanged(exchange.name)) return forgot('it now describes this tool otherwise');
  const again = await send();
  return again.kind === 'lost' && !again.sent ? forgot(again.why) : again;
}

/** Once a first round was answered, bytes have left for this call, whatever became of a later one. */
const roundsTold = (read: Outcome | InputRequired, rounds: number): Outcome | InputRequired =>
  read.outcome === 'not_sent' && rounds > 0 ? { outcome: 'unknown', why: read.why } : read;

/** Progress must rise (basic/utilities/progress): what does not is dropped, over all rounds of the call. */
function rising(progress: (step: Progress) => void): (step: Progress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (step) => {
    if (step.progress <= last) return;
    last = step.progress;
    progress(step);
  };
}

/** Puts every question of a round, one after the other: all must be answered for the call to go on. */
async function answerAll(exchange: Exchange, asked: InputRequired): Promise<Result<Round, Outcome>> {
  const { inputRequests, requestState } = asked;
  const inputResponses: [string, JsonObject][] = [];
  for (const [key, request] of Object.entries(inputRequests)) {
    if (!isObject(request) || typeof request['method'] !== 'string') {
      return refuse({ outcome: 'withheld', why: 'the server asks for input in a form that is not valid' });
    }
    const { method, params } = request;
    const answer = await exchange
      .ask({ method, params })
      .catch(() => ({ ok: false as const, code: 0, message: 'the question could not be asked' }));
    if (!answer.ok) {
      const message = `the server asked for ${method} before it would go on, and got no answer: ${answer.message}`;
      return refuse({ outcome: 'rpc_error', code: answer.code, message });
    }
    inputResponses.push([key, answer.result]);
  }
  if (inputResponses.length === 0) {
    await after(PACE);
    return ok({ inputResponses: undefined, requestState });
  }
  return ok({ inputResponses: Object.fromEntries(inputResponses), requestState });
}

/** Work between two requests, when nobody else watches the clock and the caller. Refused with why it is over. */
async function untilOver<T>(now: Now, exchange: Exchange, late: string, work: Promise<T>): Promise<Result<T, string>> {
  const { signal } = exchange.line;
  const { promise, resolve } = Promise.withResolvers<Result<T, string>>();
  const cancelled = (): void => resolve(refuse('cancelled by the caller after it was sent'));
  const timer = setTimeout(
    () => resolve(refuse(late)),
    Math.min(Math.max(exchange.deadline - now(), 0), LONGEST_TIMER),
  );
  signal.addEventListener('abort', cancelled);
  if (signal.aborted) cancelled();
  try {
    return await Promise.race([promise, work.then(ok<T>)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancelled);
  }
}
