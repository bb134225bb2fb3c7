/** Requests of the legacy era that change what its connection remembers: the log level and the subscriptions. */
import { saidRefusal, saidSettled } from '../wire/answers.ts';
import { resultText } from '../wire/dress.ts';
import { invalidParams, type Said, saidFault } from '../wire/faults.ts';
import { isLogLevel } from '../wire/log-level.ts';
import { updatedText } from '../wire/notices.ts';
import { readTarget } from '../wire/targets.ts';
import { type ClientConnection, MOST_SUBSCRIPTIONS } from './client-connection.ts';
import { type AnswerRequest, dressOf, type Turn } from './conversation.ts';
import { subscription } from './subscription.ts';

export const setLogLevel: AnswerRequest = (turn) => {
  const { request, caller } = turn;
  const { level } = request.params;
  if (!isLogLevel(level))
    return saidFault(invalidParams(request.id, 'level is a severity of RFC 5424, such as "info"'));
  if (caller.connection === undefined) return noSession(turn);
  caller.connection.logLevel = level;
  return done(turn);
};

export const subscribe: AnswerRequest = async (turn) => {
  const { request, caller } = turn;
  const { connection } = caller;
  const target = readTarget('resources/subscribe', request.params);
  if (!target.ok) return saidFault(invalidParams(request.id, target.error));
  if (connection === undefined) return noSession(turn);
  if (connection.subscriptions >= MOST_SUBSCRIPTIONS)
    return saidFault(invalidParams(request.id, `a connection has at most ${MOST_SUBSCRIPTIONS} subscriptions`));
  return subscribeTo(turn, target.value.target, connection);
};

async function subscribeTo(turn: Turn, uri: string, connection: ClientConnection): Promise<Said> {
  const until = new AbortController();
  const { target, answer } = await subscription(turn, uri, {
    signal: until.signal,
    updated: (changed) => connection.updated(updatedText(changed)),
  });
  const { id } = turn.request;
  // What failed late may stand at the server all the same.
  if (!answer.ok || answer.value.outcome.outcome !== 'ok') until.abort();
  if (!answer.ok) return saidRefusal(id, target, answer.error, dressOf(turn));
  if (answer.value.outcome.outcome !== 'ok') return saidSettled(id, target, answer.value, dressOf(turn));
  connection.subscribe(uri, until);
  return done(turn);
}

/** Without effect where there is no such subscription. */
export const unsubscribe: AnswerRequest = (turn) => {
  const { request, caller } = turn;
  const { uri } = request.params;
  if (typeof uri !== 'string') return saidFault(invalidParams(request.id, 'uri is a string'));
  if (caller.connection === undefined) return noSession(turn);
  caller.connection.unsubscribe(uri);
  return done(turn);
};

const done = (turn: Turn): Said => ({ text: resultText(turn.request.id, {}, dressOf(turn)), status: 200 });

const noSession = ({ request }: Turn): Said =>
  saidFault(invalidParams(request.id, 'there is nothing to remember this by: initialize, and send the Mcp-Session-Id'));
