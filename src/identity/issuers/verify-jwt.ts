/**
 * JSON Web Tokens of one issuer for one audience (RFC 7519, RFC 8725, RFC 9068). Any doubt refuses: the reason is for the
 * operator, and holds nothing of the token, whose caller is not known.
 */
import { errors, type JWTVerifyResult, jwtVerify } from 'jose';
import type { Algorithm } from '../../document/issuers-shape.ts';
import type { Now } from '../../domain/ports.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { type ClaimsReading, callerIn } from '../token-claims.ts';
import { FOR_GOOD, type KeySource, type Lease } from './key-source.ts';
import { audiencesOf, type Door, TOLERANCE, type Verified, type Verify } from './verified.ts';

export interface JwtOptions extends Door {
  readonly issuer: ClaimsReading;
  readonly keys: KeySource;
  readonly algorithms: readonly Algorithm[];
  readonly now: Now;
}

/** Other kinds of token (of logout, of DPoP, an ID-JAG) are signed with the same keys: RFC 8725, section 3.11. */
const TYPES = new Set(['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']);

/** Claims of the kinds that say `JWT` too: ID tokens (OpenID Connect Core, section 3.1.3.6), logout tokens and other events. */
const OF_OTHER_KINDS = ['at_hash', 'c_hash', 'events'] as const;

export function verifyJwt({ issuer, keys, algorithms, audience, notFor, now }: JwtOptions): Verify {
  const verified = async (token: string, kid: string | undefined): Promise<Result<Verified, string>> => {
    const set = await keys.keysFor(kid);
    if (!set.ok) return set;
    const at = now();
    const signed = await jwtVerify(token, set.value.choose, {
      issuer: issuer.url,
      audience,
      algorithms: [...algorithms],
      requiredClaims: ['exp'],
      clockTolerance: TOLERANCE,
      currentDate: new Date(at),
    }).then(ok, (fault: unknown) => refuse(reasonOf(fault, issuer.url, audience, algorithms)));
    if (!signed.ok) return signed;
    const trouble = troubleOf(signed.value, notFor, at);
    if (trouble !== undefined) return refuse(trouble);
    const { payload, protectedHeader } = signed.value;
    return believed(payload, issuer, ((payload.exp ?? 0) + TOLERANCE) * 1000, set.value.leaseOf(protectedHeader.kid));
  };
  return verified;
}

/** Reads the caller out of claims that are true until then. */
export function believed(
  claims: Readonly<Record<string, unknown>>,
  issuer: ClaimsReading,
  until: number,
  lease: Lease = FOR_GOOD,
): Result<Verified, string> {
  const caller = callerIn(claims, issuer);
  return caller.ok ? ok({ caller: caller.value, until, lease }) : caller;
}

/** What the library leaves to us. */
function troubleOf(
  { protectedHeader, payload }: JWTVerifyResult,
  notFor: string | undefined,
  at: number,
): string | undefined {
  if (!TYPES.has(protectedHeader.typ?.toLowerCase() ?? '')) return 'its typ is neither JWT nor at+jwt';
  const other = OF_OTHER_KINDS.find((claim) => payload[claim] !== undefined);
  if (other !== undefined) return `it is no access token (${other})`;
  const { iat } = payload;
  if (notFor !== undefined && audiencesOf(payload).includes(notFor)) return `it is for ${notFor} as well (aud)`;
  return iat !== undefined && iat > at / 1000 + TOLERANCE ? 'it was issued in the future (iat)' : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'it has expired (exp)',
  ERR_JWKS_NO_MATCHING_KEY: 'no key of the issuer is of its kid and algorithm',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'it has no kid, and several keys of the issuer are of its algorithm',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is wrong',
};

function reasonOf(fault: unknown, url: string, audience: string, algorithms: readonly Algorithm[]): string {
  if (fault instanceof errors.JWTClaimValidationFailed) {
    if (fault.claim === 'iss') return `it is not of ${url} (iss)`;
    if (fault.claim === 'aud') return `it is not for ${audience} (aud)`;
    if (fault.claim === 'nbf') return 'it is not valid yet (nbf)';
    return `its claim ${fault.claim} is missing or malformed`;
  }
  if (fault instanceof errors.JOSEAlgNotAllowed) return `its algorithm is none of ${algorithms.join(', ')}`;
  const code = fault instanceof errors.JOSEError ? fault.code : '';
  return REASONS[code] ?? 'it is no signed JSON Web Token';
}
