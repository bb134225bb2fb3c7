/**
 * JSON Web Tokens of one issuer for one audience (RFC 7519, RFC 8725, RFC 9068). Any doubt refuses: the reason is for the
 * operator, and holds nothing of the token, whose caller is not known.
 */
import { hash } from 'node:crypto';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyResult, jwtVerify } from 'jose';
import type { Now } from '../domain/ports.ts';
import type { Caller } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { ACCEPTED_ALGORITHMS } from './issuer-keys.ts';
import { RememberedTokens } from './remembered-tokens.ts';
import { type ClaimsReading, callerIn } from './token-claims.ts';

export interface TokenVerifierOptions {
  readonly issuer: ClaimsReading;
  readonly keys: JSONWebKeySet;
  /** What tokens must be for: one door of ours. */
  readonly audience: string;
  /** What they must not be for as well: a token that agents hold opens one door only. */
  readonly notFor?: string;
  readonly now: Now;
}

/** Whom a token names, and what it may; else why not, as a phrase. At once where this very token was verified before. */
export type VerifyToken = (token: string) => Result<Caller, string> | Promise<Result<Caller, string>>;

/** In characters. */
const LONGEST_TOKEN = 8 * 1024;

/** How far the issuer's clock may be from ours, in seconds. */
const TOLERANCE = 30;

/** Other kinds of token (of logout, of DPoP, an ID-JAG) are signed with the same keys: RFC 8725, section 3.11. */
const TYPES = new Set(['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']);

export function tokenVerifier({ issuer, keys, audience, notFor, now }: TokenVerifierOptions): VerifyToken {
  const keySet = createLocalJWKSet(keys);
  const remembered = new RememberedTokens(issuer.named);
  const verified = async (token: string, digest: string): Promise<Result<Caller, string>> => {
    const at = now();
    const signed = await jwtVerify(token, keySet, {
      issuer: issuer.url,
      audience,
      algorithms: [...ACCEPTED_ALGORITHMS],
      requiredClaims: ['exp'],
      clockTolerance: TOLERANCE,
      currentDate: new Date(at),
    }).then(ok, (fault: unknown) => refuse(reasonOf(fault, issuer.url, audience)));
    if (!signed.ok) return signed;
    const trouble = troubleOf(signed.value, notFor, at);
    const caller = trouble === undefined ? callerIn(signed.value.payload, issuer) : refuse(trouble);
    const { exp = 0 } = signed.value.payload;
    if (caller.ok) remembered.remember(digest, caller.value, (exp + TOLERANCE) * 1000);
    return caller;
  };
  return (token) => {
    if (token.length > LONGEST_TOKEN) return refuse(`it is longer than ${LONGEST_TOKEN / 1024} KiB`);
    const digest = hash('sha256', token, 'base64url');
    const caller = remembered.find(digest, now());
    return caller === undefined ? verified(token, digest) : ok(caller);
  };
}

/** What the library leaves to us. */
function troubleOf(
  { protectedHeader, payload }: JWTVerifyResult,
  notFor: string | undefined,
  at: number,
): string | undefined {
  if (!TYPES.has(protectedHeader.typ?.toLowerCase() ?? '')) return 'its typ is neither JWT nor at+jwt';
  const { iat, aud = [] } = payload;
  if (notFor !== undefined && [aud].flat().includes(notFor)) return `it is for ${notFor} as well (aud)`;
  return iat !== undefined && iat > at / 1000 + TOLERANCE ? 'it was issued in the future (iat)' : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'it has expired (exp)',
  ERR_JOSE_ALG_NOT_ALLOWED: `its algorithm is none of ${ACCEPTED_ALGORITHMS.join(', ')}`,
  ERR_JWKS_NO_MATCHING_KEY: 'no key of the issuer is of its kid and algorithm',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'it has no kid, and several keys of the issuer are of its algorithm',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is wrong',
};

function reasonOf(fault: unknown, url: string, audience: string): string {
  if (fault instanceof errors.JWTClaimValidationFailed) {
    if (fault.claim === 'iss') return `it is not of ${url} (iss)`;
    if (fault.claim === 'aud') return `it is not for ${audience} (aud)`;
    if (fault.claim === 'nbf') return 'it is not valid yet (nbf)';
    return `its claim ${fault.claim} is missing or malformed`;
  }
  const code = fault instanceof errors.JOSEError ? fault.code : '';
  return REASONS[code] ?? 'it is no signed JSON Web Token';
}
