/** Terms: what an approval must be like for a call to run on it. Of all that ask about one call, the strictest of each. */
import type { Named } from './role.ts';

/** Where nothing else is said: how long a hold waits for an answer, and an approval for its call. Milliseconds. */
export const ANSWER_WITHIN = 4 * 60 * 60_000;
export const USE_WITHIN = 30 * 60_000;

export const PROOFS = ['any', 'passphrase', 'passkey', 'both'] as const;
/** `any`: either proves that a person is there. */
export type ProofAsked = (typeof PROOFS)[number];

export interface Terms {
  /**
   * A person who approves is named by an entry of each of these lists. No list: whoever has the role approver, at this machine
   * its user.
   */
  readonly approvers: readonly (readonly Named[])[];
  /** So many people, each counted once. */
  readonly quorum: number;
  readonly proof: ProofAsked;
  /** From the placing on, in milliseconds. */
  readonly answerWithin: number;
  /** From the last approval that was needed on, in milliseconds. */
  readonly useWithin: number;
  /** Whether the subject who asks may answer. Who acts for somebody never may. */
  readonly allowRequester: boolean;
  /** So often the exact call may run on it. */
  readonly uses: number;
}

export const USUAL_TERMS: Terms = {
  approvers: [],
  quorum: 1,
  proof: 'any',
  answerWithin: ANSWER_WITHIN,
  useWithin: USE_WITHIN,
  allowRequester: false,
  uses: 1,
};

/** What says nothing of its own asks for the usual. */
export const termsOf = (needs: readonly { readonly terms?: Terms | undefined }[]): Terms => {
  const [first = USUAL_TERMS, ...more] = needs.map(({ terms = USUAL_TERMS }) => terms);
  return more.reduce(strictest, first);
};

const strictest = (one: Terms, other: Terms): Terms => ({
  approvers: [...one.approvers, ...other.approvers.filter((list) => !one.approvers.some((its) => isSame(its, list)))],
  quorum: Math.max(one.quorum, other.quorum),
  proof: strictestProof(one.proof, other.proof),
  answerWithin: Math.min(one.answerWithin, other.answerWithin),
  useWithin: Math.min(one.useWithin, other.useWithin),
  allowRequester: one.allowRequester && other.allowRequester,
  uses: Math.min(one.uses, other.uses),
});

function strictestProof(one: ProofAsked, other: ProofAsked): ProofAsked {
  if (one === other || other === 'any') return one;
  return one === 'any' ? other : 'both';
}

const isSame = (one: readonly Named[], other: readonly Named[]): boolean =>
  one.length === other.length &&
  one.every(({ kind, name, issuer }, at) => {
    const its = other[at];
    return its?.kind === kind && its.name === name && its.issuer === issuer;
  });
