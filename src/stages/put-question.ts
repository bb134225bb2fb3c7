import { setTimeout as after } from 'node:timers/promises';
import type { Answer, Line, Question } from '../domain/exchange.ts';
import { fitsQuestion } from '../policy/judge/question.ts';

const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;
/** How long a client may take to answer, in milliseconds: a person may be reading a form. */
const ANSWER_WITHIN = 10 * 60_000;
/** How often a client is asked that answers in no valid form. */
const MOST_TRIES = 3;

/** Puts a question to the client, again where the answer has not its form: what is handed to the server must be one. */
export async function putQuestion({ ask, signal }: Line, question: Question): Promise<Answer> {
  if (ask === undefined)
    return { ok: false, code: METHOD_NOT_FOUND, message: 'the client cannot be asked on this connection' };
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const answer = await inTime((until) => ask(question, until), question, signal);
    if (fitsQuestion(question, answer)) return answer;
  }
  return { ok: false, code: INTERNAL_ERROR, message: 'the client gave no valid answer' };
}

/** A client that never answers cancels: the server is told so, and can end its work. */
async function inTime(
  ask: (until: AbortSignal) => Promise<Answer>,
  question: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const over = new AbortController();
  const until = AbortSignal.any([over.signal, signal]);
  const late = after(ANSWER_WITHIN, unanswered(question), { signal: until, ref: false }).catch(() =>
    unanswered(question),
  );
  try {
    return await Promise.race([ask(until), late]);
  } finally {
    over.abort();
  }
}

/** What is said for a client that did not answer: cancelled, where the protocol has a word for it. */
const unanswered = ({ method }: Question): Answer =>
  method === 'elicitation/create'
    ? { ok: true, result: { action: 'cancel' } }
    : { ok: false, code: INTERNAL_ERROR, message: 'the client did not answer' };
