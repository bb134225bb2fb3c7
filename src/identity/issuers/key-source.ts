/** Where the keys of an issuer come from, and how long what was verified with one is believed. */
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { ok, type Result } from '../../domain/result.ts';

/** Asked at every call with a token that was verified before. */
export interface Lease {
  /** Whether it may still be believed unasked. `at`: milliseconds since the epoch. */
  stands(at: number): boolean;
}

export interface KeySet {
  readonly choose: JWTVerifyGetKey;
  /** Of what is verified with the key of this name; undefined: the token names none. */
  leaseOf(kid: string | undefined): Lease;
}

export interface KeySource {
  /** The keys to verify a token with that names this one. Refuses with a phrase for the operator where there are none to trust. */
  keysFor(kid: string | undefined): Promise<Result<KeySet, string>>;
}

/** It stands as long as the token does. */
export const FOR_GOOD: Lease = { stands: () => true };

/** Keys that do not change. */
export function givenKeys(keys: JSONWebKeySet): KeySource {
  const set: KeySet = { choose: createLocalJWKSet(keys), leaseOf: () => FOR_GOOD };
  return { keysFor: async () => ok(set) };
}
