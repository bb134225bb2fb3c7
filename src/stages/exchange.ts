import type { Committed } from '../domain/call.ts';
import type { Answer, Line, Question } from '../domain/exchange.ts';
import type { Outcome } from '../domain/outcome.ts';

/** Sends the call and waits for its outcome. The connection never rejects; if it did, a byte may have left. */
export const exchange =
  () =>
  async (call: Committed, ask: (question: Question) => Promise<Answer>): Promise<Outcome> => {
    try {
      return await call.connection.call({
        tool: call.contract.name,
        canonical: call.canonical,
        trace: call.trace,
        deadline: call.deadline,
        line: guarded(call.line),
        ask,
      });
    } catch (fault) {
      return {
        outcome: 'unknown',
        why: `the connection failed: ${fault instanceof Error ? fault.message : String(fault)}`,
      };
    }
  };

/** What a server says while it works is data for a person's eyes too: no control characters, no endless text. */
const guarded = (line: Line): Line => ({
  signal: line.signal,
  progress: (step) =>
    line.progress({ ...step, message: step.message?.replaceAll(/\p{Cc}|\p{Cf}/gu, '').slice(0, 500) }),
});
