import { setTimeout as after } from 'node:timers/promises';
import { askable } from '../domain/abilities.ts';
import type { Committed } from '../domain/call.ts';
import type { Answer, Question } from '../domain/exchange.ts';
import { digestOf, type JsonObject } from '../domain/json.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { refuse } from '../domain/result.ts';
import { countOf, fitsQuestion, judgeQuestion } from '../policy/question.ts';

/** JSON-RPC: the client has no such method. It is what a client that was never told of it would say. */
const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;
/** How long a client may take to answer, in milliseconds: a person may be reading a form. */
const ANSWER_WITHIN = 10 * 60_000;
/** How often a client is asked again that answers in a form which is not valid. */
const MOST_TRIES = 3;

/** May this server ask this of the client? Judged, counted, journalled; put to the client; its answer journalled too. */
export const answerQuestion =
  (ledger: Ledger, now: Now) =>
  async (call: Committed, question: Question): Promise<Answer> => {
    const { server } = call.contract;
    const asks = call.profile.asks.get(server);
    const judged =
      asks === undefined
        ? refuse(`the policy allows ${server} to ask nothing of the client`)
        : judgeQuestion(question, server, { abilities: askable(call.abilities, asks), asks });
    const draft = (kind: 'asked' | 'answered', body: JsonObject) => ({
      session: call.session.id,
      kind,
      call: call.id,
      at: now(),
      body: { server, method: question.method, ...body },
    });
    const digest = digestOf(question.params);
    if (!judged.ok) {
      await ledger.append(draft('asked', { digest, answer: 'refused', why: judged.error }));
      return refused(judged.error);
    }
    const max = question.method === 'sampling/createMessage' ? asks?.sampling?.max : undefined;
    const counted = await ledger.ask({ draft: draft('asked', { digest }), kind: countOf(server, question), max });
    if (!counted) {
      await ledger.append(draft('asked', { digest, answer: 'refused', why: `${max} were asked in this session` }));
      return refused(`${max} of ${max} such questions were asked in this session`);
    }
    const answer = await put(call, judged.value);
    await ledger.append(
      draft('answered', {
        answer: answerWord(question, answer),
        ...(answer.ok ? { digest: digestOf(answer.result) } : { why: answer.message }),
      }),
    );
    return answer;
  };

/** What a person reads of an answer: to a form or a page what was done with it, never what was written in it. */
function answerWord({ method }: Question, answer: Answer): string {
  if (!answer.ok) return 'none';
  const { action } = answer.result;
  return method === 'elicitation/create' && typeof action === 'string' ? action : 'given';
}

const refused = (why: string): Answer => ({ ok: false, code: METHOD_NOT_FOUND, message: why });

/** Puts the question, again where the answer has not its form: what is handed to the server must be one. */
async function put(call: Committed, question: Question): Promise<Answer> {
  const { ask, signal } = call.line;
  if (ask === undefined) return refused('the client cannot be asked on this connection');
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
