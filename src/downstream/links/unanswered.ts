/** What a response says that ended without an answer to its request. */
import { LARGEST_MESSAGE, type Reply } from './channel.ts';
import type { Ending } from './http-reply.ts';

export function unanswered(host: string, ending: Ending): Reply {
  if (ending.kind === 'too_large') {
    return { kind: 'withheld', why: `the answer is larger than ${LARGEST_MESSAGE >> 20} MiB` };
  }
  if (ending.kind === 'failed') {
    const why = ending.sent
      ? `the connection to ${host} broke before the answer came (${causeOf(ending.fault)})`
      : `cannot connect to ${host} (${causeOf(ending.fault)})`;
    return { kind: 'lost', sent: ending.sent, why };
  }
  const { status, streamed } = ending;
  if (status >= 300 && status < 500) return { kind: 'refused', status };
  return lost(
    streamed ? 'the stream ended before the answer came' : `the server answered HTTP ${status} without an answer`,
  );
}

/** Some byte of the request left, and no answer can come any more. `why`: a sentence without a full stop. */
export const lost = (why: string): Reply => ({ kind: 'lost', sent: true, why });

function causeOf(fault: Error): string {
  const { code } = fault as NodeJS.ErrnoException;
  return code ?? fault.message;
}
