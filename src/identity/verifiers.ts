import type { Now } from '../domain/ports.ts';
import { ok, type Result } from '../domain/result.ts';
import { readIssuerKeys } from './issuer-keys.ts';
import type { ClaimsNamed } from './named-claims.ts';
import type { ClaimsReading } from './token-claims.ts';
import { tokenVerifier, type VerifyToken } from './token-verifier.ts';

/** An issuer whose tokens are taken. */
export interface TakenIssuer extends Omit<ClaimsReading, 'named'> {
  readonly audience: string;
  readonly apiAudience: string | undefined;
  /** Path of its JWK Set. */
  readonly keys: string;
}

/** Of an issuer's tokens, by door; undefined where a door takes none. */
export interface Verifiers {
  readonly tools: VerifyToken | undefined;
  readonly api: VerifyToken | undefined;
}

/** Refuses with one sentence keys that cannot be used. A token that opens the tools never opens the API. */
export function verifiersOf(issuer: TakenIssuer | undefined, now: Now, named: ClaimsNamed): Result<Verifiers, string> {
  if (issuer === undefined) return ok({ tools: undefined, api: undefined });
  const keys = readIssuerKeys(issuer.keys);
  if (!keys.ok) return keys;
  const { audience, apiAudience } = issuer;
  const either = { issuer: { ...issuer, named }, keys: keys.value, now };
  return ok({
    tools: tokenVerifier({ ...either, audience }),
    api: apiAudience === undefined ? undefined : tokenVerifier({ ...either, audience: apiAudience, notFor: audience }),
  });
}
