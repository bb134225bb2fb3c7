/** A passkey as it lies in the folder of approvers: what its person proved when it was enrolled. */
import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { digestOf } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';

const text = z.string().min(1);
const coded = z.base64url().min(1);

export const proofShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('passphrase'), kid: text, signature: coded }),
  z.strictObject({
    kind: z.literal('passkey'),
    credential: coded,
    authenticatorData: coded,
    clientDataJSON: coded,
    signature: coded,
  }),
]);

/** As a JWK, so that whoever only checks a signature reads no CBOR. */
const publicKey = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coded, y: coded }),
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coded }),
  z.strictObject({ kty: z.literal('RSA'), n: coded, e: coded }),
]);
export type PublicKey = Readonly<z.infer<typeof publicKey>>;

const passkeyFile = z.strictObject({
  /** The approver's. */
  name: text,
  credential: coded.max(1400),
  publicKey,
  /** Where it was enrolled, and the only place where it proves anything. */
  origin: z.url(),
  /** What its person calls it. */
  label: text.max(60),
  transports: z.array(text).readonly(),
  /** What it counted up to when it was enrolled; 0: it does not count, or has not begun. */
  counter: z.int().min(0),
  /** Milliseconds since the epoch. */
  at: z.int(),
  nonce: text,
  /** That its person wanted it: over `passkeyText`. */
  word: proofShape,
  /** Since when it proves nothing new. It stays, for what it proved before. */
  removedAt: z.int().optional(),
});
export type PasskeyFile = Readonly<z.infer<typeof passkeyFile>>;
export type NewPasskey = Omit<PasskeyFile, 'word' | 'removedAt'>;

/** Short enough for paths: credentials are as long as an authenticator likes. */
export const idOf = (credential: string): string => `pk_${hash('sha256', credential, 'hex').slice(0, 24)}`;

/** What a person proves to enrol it. */
export const passkeyText = ({ word: _, removedAt: __, ...passkey }: NewPasskey & Partial<PasskeyFile>): string =>
  digestOf({ purpose: 'tollgate passkey 1', ...passkey });

/** What a person proves to remove it. */
export const removalText = (removal: {
  readonly name: string;
  readonly credential: string;
  readonly at: number;
  readonly nonce: string;
}): string => digestOf({ purpose: 'tollgate passkey removal 1', ...removal });

export function readPasskey(value: unknown): Result<{ readonly file: PasskeyFile; readonly key: KeyObject }, string> {
  const shape = passkeyFile.safeParse(value);
  if (!shape.success) {
    const [issue] = shape.error.issues;
    return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no passkey'}`.replace(/^: /, ''));
  }
  const key = keyOf(shape.data.publicKey);
  return key === undefined ? refuse('publicKey: it is none') : ok({ file: shape.data, key });
}

function keyOf(key: PublicKey): KeyObject | undefined {
  try {
    return createPublicKey({ format: 'jwk', key });
  } catch {
    return undefined;
  }
}
