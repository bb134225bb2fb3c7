import { dressedEntries, resultText } from '../wire/dress.ts';
import { invalidParams, saidFault } from '../wire/faults.ts';
import { PRIVATE_AND_STALE } from '../wire/modern.ts';
import { lookFault } from '../wire/refusals.ts';
import type { Listed } from './answer.ts';
import { type AnswerRequest, dressOf } from './conversation.ts';

/** A list as this caller may see it, whole: there is one page. */
export const list =
  (listed: Listed): AnswerRequest =>
  async (turn) => {
    const { keeper, request, caller } = turn;
    const { id, params } = request;
    if (params['cursor'] !== undefined) return saidFault(invalidParams(id, 'there is no page with that cursor'));
    const entries = await keeper.path.list(caller.presented, caller.route, listed);
    if (!entries.ok) return saidFault(lookFault(id, entries.error));
    const dress = dressOf(turn);
    const hints = caller.era === 'modern' ? PRIVATE_AND_STALE : {};
    return { text: resultText(id, { [listed]: dressedEntries(entries.value, dress), ...hints }, dress), status: 200 };
  };
