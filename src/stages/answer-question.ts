import { type Asks, askable } from '../domain/abilities.ts';
import type { Committed } from '../domain/call.ts';
import type { Answer, Question } from '../domain/exchange.ts';
import { digestOf, type JsonObject } from '../domain/json.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { type Result, refuse } from '../domain/result.ts';
import type { SessionState } from '../domain/session.ts';
import { countOf, judgeQuestion } from '../policy/judge/question.ts';
import { flowsMet } from './flows-met.ts';
import { putQuestion } from './put-question.ts';

/** JSON-RPC: the client has no such method. It is what a client that was never told of it would say. */
const METHOD_NOT_FOUND = -32601;

/**
 * May this server ask this of the client? Judged, counted, journalled; put to the client; its answer journalled too. The
 * answer is data sent to that server: flows judge it when it is asked for, and again when it is there, since a person may take
 * long and the session go on meanwhile.
 */
export const answerQuestion =
  (ledger: Ledger, now: Now) =>
  async (call: Committed, question: Question): Promise<Answer> => {
    const { server } = call.contract;
    const asks = call.profile.asks.get(server);
    const before = await ledger.look(call.session.id, now());
    const judged = judge(call, question, asks, before?.session.state);
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
    const flows = flowsMet(call, before?.labels);
    if (flows.stop.length > 0) {
      await ledger.append(draft('asked', { digest, answer: 'refused', why: MAY_NOT_LEAVE, rules: flows.stop }));
      return refused(MAY_NOT_LEAVE);
    }
    const max = question.method === 'sampling/createMessage' ? asks?.sampling?.max : undefined;
    const counted = await ledger.ask({
      draft: draft('asked', { digest, ...flows.marks }),
      kind: countOf(server, question),
      max,
    });
    if (!counted) {
      await ledger.append(draft('asked', { digest, answer: 'refused', why: `${max} were asked in this session` }));
      return refused(`${max} of ${max} such questions were asked in this session`);
    }
    const answer = await putQuestion(call.line, judged.value);
    const { stop, marks } = flowsMet(call, (await ledger.look(call.session.id, now()))?.labels);
    if (answer.ok && stop.length > 0) {
      await ledger.append(draft('answered', { answer: 'refused', why: MAY_NOT_LEAVE, rules: stop }));
      return refused(MAY_NOT_LEAVE);
    }
    await ledger.append(
      draft('answered', {
        answer: answerWord(question, answer),
        ...marks,
        ...(answer.ok ? { digest: digestOf(answer.result) } : { why: answer.message }),
      }),
    );
    return answer;
  };

/** The server may read it: it says nothing of what the session has touched. */
const MAY_NOT_LEAVE = 'the policy lets this session send no answer to this server now';

/** Only while the session runs: a call that was under way when a person paused or ended it asks for nothing more. */
function judge(
  call: Committed,
  question: Question,
  asks: Asks | undefined,
  state: SessionState | undefined,
): Result<Question, string> {
  if (state !== 'running') return refuse(`this session is ${state ?? 'unknown'}`);
  const { server } = call.contract;
  if (asks === undefined) return refuse(`the policy allows ${server} to ask nothing of the client`);
  return judgeQuestion(question, server, { abilities: askable(call.abilities, asks), asks });
}

/** What a person reads of an answer: to a form or a page what was done with it, never what was written in it. */
function answerWord({ method }: Question, answer: Answer): string {
  if (!answer.ok) return 'none';
  const { action } = answer.result;
  return method === 'elicitation/create' && typeof action === 'string' ? action : 'given';
}

const refused = (why: string): Answer => ({ ok: false, code: METHOD_NOT_FOUND, message: why });
