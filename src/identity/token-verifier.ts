/**
 * Tokens of all issuers at one door. Which issuer a token is of, it says itself, unread: then it is verified for that issuer alone,
 * with its keys, for its audience, and one that lied about it fails there.
 */
import { hash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Now } from '../domain/ports.ts';
import type { Caller } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Verified, Verify } from './issuers/verified.ts';
import type { ClaimsNamed } from './named-claims.ts';
import { RememberedTokens } from './remembered-tokens.ts';

export interface TokenVerifierOptions {
  /** By the issuer's URL: its signed tokens. */
  readonly issuers: ReadonlyMap<string, Verify>;
  /** Tokens that do not say whose they are; undefined: they are nobody's. */
  readonly opaque: Verify | undefined;
  /** The claims that are kept of a caller. */
  readonly named: ClaimsNamed;
  readonly now: Now;
}

/** Whom a token names, and what it may; else why not, as a phrase. At once where this very token was verified before. */
export type VerifyToken = (token: string) => Result<Caller, string> | Promise<Result<Caller, string>>;

/** In characters. */
const LONGEST_TOKEN = 8 * 1024;

export function tokenVerifier({ issuers, opaque, named, now }: TokenVerifierOptions): VerifyToken {
  const remembered = new RememberedTokens(named);
  const flights = new Map<string, Promise<Result<Caller, string>>>();
  const judged = async (token: string, digest: string): Promise<Result<Caller, string>> => {
    const names = named();
    const verified = await verifierOf(token, issuers, opaque);
    if (!verified.ok) return verified;
    if (named() === names) remembered.remember(digest, verified.value);
    return ok(verified.value.caller);
  };
  return (token) => {
    if (token.length > LONGEST_TOKEN) return refuse(`it is longer than ${LONGEST_TOKEN / 1024} KiB`);
    const digest = hash('sha256', token, 'base64url');
    const caller = remembered.find(digest, now());
    if (caller !== undefined) return ok(caller);
    const flight = flights.get(digest) ?? judged(token, digest).finally(() => flights.delete(digest));
    flights.set(digest, flight);
    return flight;
  };
}

async function verifierOf(
  token: string,
  issuers: ReadonlyMap<string, Verify>,
  opaque: Verify | undefined,
): Promise<Result<Verified, string>> {
  const unread = unreadOf(token);
  if (unread === undefined) return opaque?.(token, undefined) ?? refuse('it is no signed JSON Web Token');
  const verify = issuers.get(unread.iss);
  return verify === undefined ? refuse('it is of no issuer of gateway.yaml (iss)') : verify(token, unread.kid);
}

/** What a signed token says before anybody believes it; undefined where it is none. */
function unreadOf(token: string): { readonly iss: string; readonly kid: string | undefined } | undefined {
  try {
    const { kid } = decodeProtectedHeader(token);
    const { iss } = decodeJwt(token);
    return { iss: typeof iss === 'string' ? iss : '', kid: typeof kid === 'string' ? kid : undefined };
  } catch {
    return undefined;
  }
}
