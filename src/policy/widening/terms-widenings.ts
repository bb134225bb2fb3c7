/** What two policies ask of an approval: how the second asks less, key by key. */
import type { Named } from '../../domain/role.ts';
import { spanWords } from '../../domain/span.ts';
import { type ProofAsked, type Terms, USUAL_TERMS } from '../../domain/terms.ts';
import { namedWords } from '../../domain/terms-words.ts';
import { at, changed, isAmong, NARROWER, type Widening, wider } from './widening.ts';

export function termsWidenings(old: Terms = USUAL_TERMS, next: Terms = USUAL_TERMS): readonly Widening[] {
  return at('approval', [
    ...approverWidenings(old.approvers, next.approvers),
    ...(next.quorum < old.quorum ? changed('quorum', next.quorum, old.quorum) : NARROWER),
    ...(isAsStrict(old.proof, next.proof) ? NARROWER : changed('proof', next.proof, old.proof)),
    ...longer('answer_within', old.answerWithin, next.answerWithin),
    ...longer('use_within', old.useWithin, next.useWithin),
    ...(next.allowRequester && !old.allowRequester ? wider('allow_requester', 'true, was false') : NARROWER),
    ...(next.uses > old.uses ? changed('uses', next.uses, old.uses) : NARROWER),
  ]);
}

/** Each list of before has one within it, so that whoever the second names the first named, too. */
const approverWidenings = (old: Terms['approvers'], next: Terms['approvers']): readonly Widening[] =>
  old.every((list) => next.some((its) => isAmong(its, list)))
    ? NARROWER
    : changed('approvers', written(next), written(old));

const written = (lists: Terms['approvers']): readonly string[] | undefined =>
  lists.length === 0 ? undefined : lists.flat().map((one: Named) => namedWords(one));

const isAsStrict = (old: ProofAsked, next: ProofAsked): boolean => old === next || old === 'any' || next === 'both';

const longer = (key: string, old: number, next: number): readonly Widening[] =>
  next > old ? wider(key, `${spanWords(next)}, was ${spanWords(old)}`) : NARROWER;
