import type { Outcome } from '../domain/outcome.ts';
import type { Reply } from './links/channel.ts';

type Unanswered = Exclude<Reply, { kind: 'result' | 'error' }>;

/** What became of a request that got neither a result nor an error of the server's own. */
export function unansweredOutcome(reply: Unanswered): Outcome {
  switch (reply.kind) {
    case 'refused': {
      const message = `the server refused the request with HTTP ${reply.status}`;
      return { outcome: 'rpc_error', code: reply.status, message };
    }
    case 'forgotten':
      return { outcome: 'rpc_error', code: 404, message: 'the server forgot the session' };
    case 'withheld':
      return { outcome: 'withheld', why: reply.why };
    case 'lost':
      return { outcome: reply.sent ? 'unknown' : 'not_sent', why: reply.why };
  }
}
