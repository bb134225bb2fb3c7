/** The public keys of an issuer: a JWK Set (RFC 7517), out of a file or as the issuer publishes it. */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JSONWebKeySet, JWK } from 'jose';
import { z } from 'zod';
import type { Algorithm } from '../document/issuers-shape.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

/** The algorithms that are accepted, by the kind of key. */
const ALGORITHMS: Readonly<Record<string, readonly Algorithm[]>> = {
  RSA: ['RS256', 'PS256'],
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'OKP Ed25519': ['EdDSA'],
};

/** In bits (RFC 7518, section 3.3). */
const SHORTEST_RSA = 2048;

/** Members that only a private or symmetric key has (RFC 7518, section 6). */
const SECRET = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

const keySet = z.object({
  keys: z.array(
    z.looseObject({
      kty: z.string(),
      crv: z.string().optional(),
      kid: z.string().optional(),
      alg: z.string().optional(),
      use: z.string().optional(),
    }),
  ),
});

type Key = z.infer<typeof keySet>['keys'][number];

/** The keys of `file` that can check tokens. Refuses with one sentence a file that cannot be used. */
export function readIssuerKeys(file: string): Result<JSONWebKeySet, string> {
  const read = jsonIn(file);
  return read.ok ? issuerKeysIn(read.value, file) : read;
}

/**
 * The keys of a set that can check tokens; others, as issuers publish them for encryption, are passed over. Refuses with one
 * sentence a set that holds what nobody but the issuer should have. `file`: where it is from.
 */
export function issuerKeysIn(value: unknown, file: string): Result<JSONWebKeySet, string> {
  const set = keySet.safeParse(value);
  if (!set.success) return refuse(`${file} is no JWK Set: {"keys": [...]} with a "kty" in each key.`);
  const kids = new Set<string>();
  const usable: JWK[] = [];
  for (const [place, key] of set.data.keys.entries()) {
    const name = `key ${place + 1} of ${file}${key.kid === undefined ? '' : ` (${key.kid})`}`;
    if (key.kty === 'oct' || SECRET.some((member) => Object.hasOwn(key, member)))
      return refuse(`${name} is a ${key.kty === 'oct' ? 'symmetric' : 'private'} key: it must hold public ones only.`);
    if (!isForTokens(key)) continue;
    const broken = troubleWith(key);
    if (broken !== undefined) return refuse(`${name} ${broken}.`);
    if (key.kid !== undefined && kids.has(key.kid)) return refuse(`${name} has the kid of another key.`);
    kids.add(key.kid ?? '');
    usable.push(key as JWK);
  }
  return usable.length > 0
    ? ok({ keys: usable })
    : refuse(`${file} holds no key that can check a token: RSA, EC P-256, EC P-384 or Ed25519.`);
}

function jsonIn(file: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(readFileSync(file, 'utf8')));
  } catch (fault) {
    return refuse(
      fault instanceof SyntaxError
        ? `${file} is no JSON, so no JWK Set.`
        : `${file}, the keys of the issuer, cannot be read: ${String(fault)}`,
    );
  }
}

function isForTokens({ kty, crv, alg, use }: Key): boolean {
  const algorithms: readonly string[] = ALGORITHMS[kty === 'RSA' ? kty : `${kty} ${crv}`] ?? [];
  return algorithms.length > 0 && (alg === undefined || algorithms.includes(alg)) && (use ?? 'sig') === 'sig';
}

function troubleWith(key: Key): string | undefined {
  try {
    const bits = createPublicKey({ format: 'jwk', key: key as JsonWebKey }).asymmetricKeyDetails?.modulusLength;
    return bits !== undefined && bits < SHORTEST_RSA
      ? `has ${bits} bits; expected at least ${SHORTEST_RSA}`
      : undefined;
  } catch {
    return 'is broken: its members are not those of its kind';
  }
}
