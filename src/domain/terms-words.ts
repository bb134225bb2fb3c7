/** What an approval must be like, in words for people and agents. */
import type { Named } from './role.ts';
import { spanWords } from './span.ts';
import { type Terms, USUAL_TERMS } from './terms.ts';

const NUMBERS = ['No people', 'A person', 'Two people', 'Three people', 'Four people', 'Five people'];

/** Who must agree, fit to stand before "must approve". */
export const peopleWords = (quorum: number): string => NUMBERS[quorum] ?? `${quorum} people`;

/** As a policy writes it, its issuer said. */
export const namedWords = ({ kind, name, issuer }: Named): string => `${kind}:${name}@${issuer}`;

/** Who may approve, a phrase for each list of which one entry must name the person; none where every approver may. */
export const approversWords = ({ approvers }: Pick<Terms, 'approvers'>): readonly string[] =>
  approvers.map((list) => list.map(namedWords).join(' or '));

/** All that is not the usual, a phrase each. */
export const termsWords = (terms: Terms): readonly string[] => [
  ...(terms.quorum === 1 ? [] : [`${terms.quorum} people`]),
  ...approversWords(terms).map((words) => `by ${words}`),
  ...(terms.proof === 'any' ? [] : [terms.proof === 'both' ? 'with passphrase and passkey' : `with a ${terms.proof}`]),
  ...(terms.answerWithin === USUAL_TERMS.answerWithin ? [] : [`answered within ${spanWords(terms.answerWithin)}`]),
  ...(terms.useWithin === USUAL_TERMS.useWithin ? [] : [`used within ${spanWords(terms.useWithin)}`]),
  ...(terms.allowRequester ? ['whoever asks may answer'] : []),
  ...(terms.uses === 1 ? [] : [`for up to ${terms.uses} such calls`]),
];
