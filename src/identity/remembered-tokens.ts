import type { Caller } from '../domain/principal.ts';
import type { Verified } from './issuers/verified.ts';
import type { ClaimsNamed } from './named-claims.ts';

/** More than so many, and the one that was remembered first goes. */
const MOST = 10_000;

/**
 * Tokens that were verified, by their digest, until they expire, or what they were verified with is doubtful, or profiles name
 * other claims: of those that were not named then nothing was kept.
 */
export class RememberedTokens {
  readonly #byDigest = new Map<string, Verified>();
  readonly #named: ClaimsNamed;
  /** Those by which what is remembered was read. */
  #names: ReadonlySet<string> | undefined;

  constructor(named: ClaimsNamed) {
    this.#named = named;
  }

  /** `at`: milliseconds since the epoch. */
  find(digest: string, at: number): Caller | undefined {
    this.#followNames();
    const known = this.#byDigest.get(digest);
    if (known === undefined || (at < known.until && known.lease.stands(at))) return known?.caller;
    this.#byDigest.delete(digest);
    return undefined;
  }

  remember(digest: string, verified: Verified): void {
    this.#followNames();
    const [first] = this.#byDigest.keys();
    if (first !== undefined && this.#byDigest.size >= MOST) this.#byDigest.delete(first);
    this.#byDigest.set(digest, verified);
  }

  #followNames(): void {
    const names = this.#named();
    if (names === this.#names) return;
    this.#names = names;
    this.#byDigest.clear();
  }
}
