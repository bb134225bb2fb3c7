/** `resources/read`: of a server, which is a call like any other, or of Tollgate's own, which is the caller's session. */
import { isOwnUri } from '../../domain/own-uri.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { readOwn } from '../../stages/memory/own-resources.ts';
import type { MemoryRefusal } from '../../stages/memory/own-session.ts';
import { saidRefusal } from '../../wire/answers.ts';
import { dressed, resultText } from '../../wire/dress.ts';
import { type AnswerRequest, dressOf, type Turn } from '../conversation.ts';
import { call } from '../present-call.ts';

const readOther = call('resources/read');

export const readResource: AnswerRequest = (turn) => {
  const { uri } = turn.request.params;
  return typeof uri === 'string' && isOwnUri(uri) ? readOurs(turn, uri) : readOther(turn);
};

async function readOurs(turn: Turn, uri: string): Promise<ReturnType<typeof saidRefusal>> {
  const { keeper, request, caller } = turn;
  const answer = await readOwn(keeper.path.memory)(caller, uri);
  const dress = dressOf(turn);
  const named = { operation: 'resources/read', target: uri, completes: undefined } as const;
  if (!answer.ok) return saidRefusal(request.id, named, refusalOf(turn, answer.error, uri), dress);
  return { text: resultText(request.id, dressed('resources/read', answer.value, dress), dress), status: 200 };
}

/** Who has no session yet has no such resource; who names one that is not there is told so. */
function refusalOf({ caller }: Turn, refusal: MemoryRefusal, uri: string): Refusal {
  switch (refusal.reason) {
    case 'unauthenticated':
    case 'profile_unclear':
      return refusal;
    case 'session_archived':
      return { reason: 'session_over' };
    default:
      return refusal.reason === 'session_unknown' && caller.route.session !== undefined
        ? { reason: 'session_unknown' }
        : { reason: 'target_unknown', target: uri };
  }
}
