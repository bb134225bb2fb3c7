/** What a client of either era says, and what it is answered, whatever the transport: a table of methods by era. */
import { INTERNAL_ERROR, METHOD_NOT_FOUND, saidFault } from '../wire/faults.ts';
import type { Era } from '../wire/revisions.ts';
import { setLogLevel, subscribe, unsubscribe } from './connection-requests.ts';
import type { Answered, AnswerRequest, Turn } from './conversation.ts';
import { discover, initialize, ping } from './introductions.ts';
import { listen } from './listen.ts';
import { list } from './lists.ts';
import { readResource } from './memory/read-resource.ts';
import { call } from './present-call.ts';
import { cancelTask, getTask, updateTask } from './tasks.ts';

const BOTH: readonly (readonly [method: string, answer: AnswerRequest])[] = [
  ['tools/call', call('tools/call')],
  ['tools/list', list('tools')],
  ['prompts/get', call('prompts/get')],
  ['prompts/list', list('prompts')],
  ['resources/read', readResource],
  ['resources/list', list('resources')],
  ['resources/templates/list', list('resourceTemplates')],
  ['completion/complete', call('completion/complete')],
];

const METHODS: Readonly<Record<Era, ReadonlyMap<string, AnswerRequest>>> = {
  modern: new Map([
    ...BOTH,
    ['server/discover', discover],
    ['subscriptions/listen', listen],
    ['tasks/get', getTask],
    ['tasks/update', updateTask],
    ['tasks/cancel', cancelTask],
  ]),
  legacy: new Map([
    ...BOTH,
    ['initialize', initialize],
    ['ping', ping],
    ['logging/setLevel', setLogLevel],
    ['resources/subscribe', subscribe],
    ['resources/unsubscribe', unsubscribe],
  ]),
};

/** Never rejects: a fault of ours is an answer too. */
export async function converse(turn: Turn): Promise<Answered> {
  const { keeper, request, caller } = turn;
  const answer = METHODS[caller.era].get(request.method);
  if (answer === undefined) {
    const status = caller.era === 'modern' ? 404 : 200;
    return saidFault({ id: request.id, code: METHOD_NOT_FOUND, message: 'Method not found', status });
  }
  try {
    return await answer(turn);
  } catch (error) {
    keeper.fault(error);
    return saidFault({
      id: request.id,
      code: INTERNAL_ERROR,
      message: 'Tollgate cannot work now, so nothing is let through',
      status: 500,
    });
  }
}
