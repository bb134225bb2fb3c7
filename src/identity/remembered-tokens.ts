import type { Caller } from '../domain/principal.ts';
import type { Verified } from './issuers/verified.ts';

/** More than so many, and the one that was remembered first goes. */
const MOST = 10_000;

/** Tokens that were verified, by their digest, until they expire or what they were verified with is doubtful. */
export class RememberedTokens {
  readonly #byDigest = new Map<string, Verified>();

  /** `at`: milliseconds since the epoch. */
  find(digest: string, at: number): Caller | undefined {
    const known = this.#byDigest.get(digest);
    if (known === undefined || (at < known.until && known.lease.stands(at))) return known?.caller;
    this.#byDigest.delete(digest);
    return undefined;
  }

  remember(digest: string, verified: Verified): void {
    const [first] = this.#byDigest.keys();
    if (first !== undefined && this.#byDigest.size >= MOST) this.#byDigest.delete(first);
    this.#byDigest.set(digest, verified);
  }
}
