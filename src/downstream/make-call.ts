/** One exchange, from its first byte to its one outcome: the rounds that its server may ask for included. */
import { cancelWords, type Exchange, type LogLevel, type Progress } from '../domain/exchange.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Now } from '../domain/ports.ts';
import { exchangeText, type Round } from '../wire/outgoing.ts';
import type { Era } from '../wire/revisions.ts';
import type { Reply } from './links/channel.ts';
import { logTo } from './links/log-entries.ts';
import type { PeerRequest } from './links/peer.ts';
import { ASKING, asker, ExchangeClock } from './links/questions.ts';
import { readReply } from './read-result.ts';
import { type Course, inputRound, untilOver, urlRound } from './rounds.ts';
import { followTask, serverTask } from './server-task.ts';

/** Rounds of input in one exchange; a server that asks on is a loop. */
const MOST_ROUNDS = 10;

/** What an exchange needs of its connection. */
export interface Way {
  readonly era: Era;
  readonly revision: string;
  readonly now: Now;
  /** Never rejects. */
  request(request: PeerRequest): Promise<Reply>;
  /** Whether the server describes the target otherwise than it was pinned. */
  isChanged(exchange: Exchange): boolean;
  /** `Mcp-Param-*` headers for the target and its arguments. */
  parameters(exchange: Exchange): Readonly<Record<string, string>>;
  /** Has the server log at this level. Resolves when there is nothing more to wait for. */
  wantLogs(level: LogLevel): Promise<void>;
}

/** Never rejects. */
export async function makeCall(way: Way, exchange: Exchange): Promise<Outcome> {
  const { line } = exchange;
  if (line.logLevel !== undefined) await way.wantLogs(line.logLevel);
  const clock = new ExchangeClock(way.now, exchange.deadline);
  const within = clock.left();
  if (line.signal.aborted) return { outcome: 'not_sent', why: `${cancelWords(line.signal)} before it was sent` };
  if (within <= 0) return { outcome: 'not_sent', why: 'its deadline passed before it was sent' };
  const { revision } = way;
  const late = `no answer within ${Number((within / 1000).toFixed(1))} s`;
  return makeRounds(way, { exchange, clock, revision, late, ask: asker(exchange, clock) });
}

async function makeRounds(way: Way, course: Course): Promise<Outcome> {
  const send = sender(way, course);
  const { operation } = course.exchange;
  let round: Round | undefined;
  let offered: Set<unknown> | undefined;
  /** The answer of a server that did not run the request. */
  let unrun: Outcome | undefined;
  for (let rounds = 0; rounds <= MOST_ROUNDS; rounds++) {
    const reply = await send(round);
    const answer = reply.kind === 'forgotten' ? await sendAgain(way, course, reply.renewed, () => send(round)) : reply;
    const task = serverTask(way.era, course.exchange, answer);
    if (task !== undefined) return followTask(way, course, task);
    const read = isUnauthorized(course, answer) ? UNAUTHORIZED : readReply(answer, operation, way.era);
    // Bytes have left for this exchange in an earlier round, whatever became of this one.
    if (read.outcome === 'not_sent' && rounds > 0) return unrun ?? { outcome: 'unknown', why: read.why };
    if (read.outcome !== undefined) return read;
    unrun = read.otherwise;
    offered ??= new Set();
    const next =
      unrun === undefined
        ? await inputRound(course, read)
        : await urlRound(course, read.questions, unrun, offered, rounds);
    if (!next.ok) return next.error;
    round = next.value;
  }
  const message = `the server asked for input more than ${MOST_ROUNDS} times`;
  return unrun ?? { outcome: 'rpc_error', code: 0, message };
}

/** A server that refuses the credential did not run the request, whatever else it says. */
const isUnauthorized = ({ exchange }: Course, reply: Reply): boolean =>
  exchange.credential !== undefined && (reply.kind === 'refused' || reply.kind === 'error') && reply.status === 401;

const UNAUTHORIZED: Outcome = {
  outcome: 'rpc_error',
  code: 401,
  message: 'the server refused the credential that it was shown (HTTP 401)',
};

/** Sends one round. All rounds are the same request, under ids of their own, with what is left of the time. */
function sender(way: Way, { exchange, clock, late, ask }: Course): (round: Round | undefined) => Promise<Reply> {
  const { operation, name, canonical, abilities, credential, trace, line } = exchange;
  const { logLevel } = line;
  const fixed = {
    method: operation,
    name: operation === 'completion/complete' ? undefined : name,
    parameters: way.parameters(exchange),
    credential,
    late,
    cancellable: true,
    signal: line.signal,
    progress: rising(line.progress.bind(line)),
    log: logTo(line),
    askable: ASKING[operation] ? { ask, left: () => clock.left() } : undefined,
  };
  return (round) => {
    const outgoing = { operation, name, canonical, abilities, logLevel, trace, round };
    const text = (id: number): string => exchangeText(way.era, id, outgoing);
    return way.request({ ...fixed, within: Math.max(clock.left(), 1), text });
  };
}

/** A 404 to a session says that the request was not run: once there is a new session it is sent again, once. */
async function sendAgain(
  way: Way,
  course: Course,
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
  const { exchange, clock } = course;
  const { logLevel } = exchange.line;
  const ready = await untilOver(course, clock.left(), renewed);
  if (!ready.ok) return forgot(ready.error);
  if (!ready.value) return forgot('a new session could not be opened');
  if (way.isChanged(exchange)) return forgot('it now describes its target otherwise');
  if (logLevel !== undefined) await way.wantLogs(logLevel);
  const again = await send();
  return again.kind === 'lost' && !again.sent ? forgot(again.why) : again;
}

/** Progress must rise (basic/utilities/progress): what does not is dropped, over all rounds of the call. */
function rising(progress: (step: Progress) => void): (step: Progress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (step) => {
    if (step.progress <= last) return;
    last = step.progress;
    progress(step);
  };
}
