import type { Committed } from '../domain/call.ts';
import type { Answer, Question } from '../domain/exchange.ts';
import { digestOf } from '../domain/json.ts';
import type { Ledger, Now } from '../domain/ports.ts';

/** JSON-RPC: the client has no such method. It is what a client that was never told of it would say. */
const METHOD_NOT_FOUND = -32601;

/** What may a server ask of the client? Unsaid means nothing, and no policy can say more yet: refused, and journalled. */
export const answerQuestion =
  (ledger: Ledger, now: Now) =>
  async (call: Committed, question: Question): Promise<Answer> => {
    await ledger.append({
      session: call.session.id,
      kind: 'asked',
      call: call.id,
      at: now(),
      body: {
        server: call.contract.server,
        method: question.method,
        digest: digestOf(question.params ?? null),
        answer: 'refused',
      },
    });
    return {
      ok: false,
      code: METHOD_NOT_FOUND,
      message: `the policy allows ${call.contract.server} to ask nothing of the client`,
    };
  };
