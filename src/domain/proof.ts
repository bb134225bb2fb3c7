import type { ProofAsked } from './terms.ts';

/** Proof: that a person was there for one text. Whoever has the person's public keys can check it later, as `commit` does. */
export type Proof = PassphraseProof | PasskeyProof;

/** The passphrase opened the person's key, which signed the text. */
export interface PassphraseProof {
  readonly kind: 'passphrase';
  /** Key id of the person's public key. */
  readonly kid: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

/** An authenticator signed the digest of the text as a WebAuthn challenge, after it knew its user. All are base64url. */
export interface PasskeyProof {
  readonly kind: 'passkey';
  readonly credential: string;
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
}

/** Whether proofs of these kinds are what is asked for. */
export const isEnough = (asked: ProofAsked, kinds: readonly Proof['kind'][]): boolean => {
  if (asked === 'any') return kinds.length > 0;
  return asked === 'both' ? kinds.includes('passphrase') && kinds.includes('passkey') : kinds.includes(asked);
};
