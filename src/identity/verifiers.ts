import type { JSONWebKeySet } from 'jose';
import type { TrustedIssuer } from '../document/issuers-shape.ts';
import type { Now } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Outgoing } from '../outgoing/outgoing.ts';
import { issuerKeysIn, readIssuerKeys } from './issuer-keys.ts';
import { fetchJson } from './issuers/fetch-json.ts';
import { introspection } from './issuers/introspection.ts';
import { issuerMetadata } from './issuers/issuer-metadata.ts';
import { givenKeys, type KeySource } from './issuers/key-source.ts';
import { PublishedKeys } from './issuers/published-keys.ts';
import type { Door, Verify } from './issuers/verified.ts';
import { verifyJwt } from './issuers/verify-jwt.ts';
import type { ClaimsNamed } from './named-claims.ts';
import type { ReadSecret } from './secrets/read-secret.ts';
import { tokenVerifier, type VerifyToken } from './token-verifier.ts';

/** Of the issuers' tokens, by door; undefined where a door takes none. */
export interface Verifiers {
  readonly tools: VerifyToken | undefined;
  readonly api: VerifyToken | undefined;
  /** Whether a token may be one that only its issuer can read. */
  readonly opaque: boolean;
}

interface World {
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly readSecret: ReadSecret;
  /** The claims that are kept of a caller. */
  readonly named: ClaimsNamed;
  readonly now: Now;
}

/** What is kept of one issuer, whatever the door. */
interface Kept {
  readonly issuer: TrustedIssuer;
  readonly keys: KeySource;
  readonly metadata: ReturnType<typeof issuerMetadata>;
}

/** Refuses with one sentence keys that cannot be used. A token that opens the tools never opens the API. */
export function verifiersOf(issuers: readonly TrustedIssuer[], world: World): Result<Verifiers, string> {
  const kept: Kept[] = [];
  for (const issuer of issuers) {
    const metadata = issuerMetadata(issuer.url, world.outgoing, world.now);
    const keys = keysOf(issuer, metadata, world);
    if (!keys.ok) return keys;
    kept.push({ issuer, keys: keys.value, metadata });
  }
  const tools = kept.map((one) => ({ ...one, door: { audience: one.issuer.audience } }));
  const api = kept.flatMap((one) => {
    const { audience, apiAudience } = one.issuer;
    return apiAudience === undefined ? [] : [{ ...one, door: { audience: apiAudience, notFor: audience } }];
  });
  return ok({
    tools: verifierAt(tools, world),
    api: verifierAt(api, world),
    opaque: issuers.some((issuer) => issuer.introspection !== undefined),
  });
}

function verifierAt(taken: readonly (Kept & { readonly door: Door })[], world: World): VerifyToken | undefined {
  if (taken.length === 0) return undefined;
  const { now, named } = world;
  const issuers = new Map<string, Verify>();
  let opaque: Verify | undefined;
  for (const { issuer: trusted, keys, metadata, door } of taken) {
    const issuer = { ...trusted, named };
    issuers.set(issuer.url, verifyJwt({ issuer, keys, algorithms: issuer.algorithms, ...door, now }));
    const { discover } = metadata;
    if (issuer.introspection !== undefined)
      opaque = introspection({ issuer, ...issuer.introspection, discover, ...door, ...world });
  }
  return tokenVerifier({ issuers, opaque, named, now });
}

function keysOf(issuer: TrustedIssuer, metadata: Kept['metadata'], world: World): Result<KeySource, string> {
  const { url, keys } = issuer;
  if (keys === undefined) return ok(new PublishedKeys(url, () => publishedBy(metadata, world.outgoing), world.now));
  const read = readIssuerKeys(keys);
  return read.ok ? ok(givenKeys(read.value)) : read;
}

/** The key set that an issuer's metadata names, now. */
async function publishedBy(
  { discover, forget }: Kept['metadata'],
  outgoing: Pick<Outgoing, 'fetch'>,
): Promise<Result<JSONWebKeySet, string>> {
  const found = await discover();
  if (!found.ok) return found;
  const { jwks_uri: place } = found.value;
  if (place === undefined) return refuse('its metadata names no jwks_uri');
  const fetched = await fetchJson(outgoing, place, {
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  const answered =
    fetched.ok && fetched.value.status !== 200 ? refuse(`${place} answered ${fetched.value.status}`) : fetched;
  const keys = answered.ok ? issuerKeysIn(answered.value.json, place) : answered;
  // They may have moved.
  if (!keys.ok) forget();
  return keys.ok ? keys : refuse(keys.error.replace(/\.$/, ''));
}
