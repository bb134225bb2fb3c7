/**
 * Acceptance: which texts of a policy a person stands behind. The first of a profile, and any that is plainly narrower than the
 * last, needs no proof; one that is wider needs a person's signature.
 */
import { digestOf, sha256 } from './json.ts';

interface PolicyFile {
  /** Its absolute path: what it names relatively starts there. */
  readonly file: string;
  readonly text: string;
}

/** Everything that a profile is compiled from. */
export interface PolicyTexts {
  /** The policy, then what it includes, the nearest first. */
  readonly files: readonly [PolicyFile, ...PolicyFile[]];
  readonly lock: PolicyFile | undefined;
}

/** A person's word for a policy that is wider than the one before, signed by that person's key over `acceptanceText`. */
export interface AcceptanceProof {
  readonly by: string;
  readonly at: number;
  readonly nonce: string;
  /** Digest of the texts that were in force and shown beside these; undefined where there were none that could be read. */
  readonly replaces: string | undefined;
  /** Key id of the person's public key. */
  readonly kid: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

export interface Accepted {
  readonly profile: string;
  readonly texts: PolicyTexts;
  readonly at: number;
  /** Undefined where none was needed. */
  readonly proof: AcceptanceProof | undefined;
}

/** Names and texts of all files. */
export const textsDigest = ({ files, lock }: PolicyTexts): string =>
  digestOf({
    files: files.map(({ file, text }) => ({ file, digest: sha256(text) })),
    lock: lock === undefined ? null : { file: lock.file, digest: sha256(lock.text) },
  });

/** What is signed. `instance` names the ledger, so that a word given for one is void in another; `digest` is that of the texts. */
export const acceptanceText = (
  instance: string,
  { profile, digest }: { readonly profile: string; readonly digest: string },
  proof: Omit<AcceptanceProof, 'signature'>,
): string =>
  digestOf({
    purpose: 'tollgate policy acceptance 1',
    instance,
    profile,
    texts: digest,
    replaces: proof.replaces ?? null,
    by: proof.by,
    at: proof.at,
    nonce: proof.nonce,
    kid: proof.kid,
  });
