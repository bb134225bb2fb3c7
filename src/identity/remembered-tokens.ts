import type { Caller } from '../domain/principal.ts';

/** More than so many, and the one that was remembered first goes. */
const MOST = 10_000;

/** Tokens whose signature was checked, by their digest, until they expire. */
export class RememberedTokens {
  readonly #byDigest = new Map<string, { readonly caller: Caller; readonly until: number }>();

  /** `at`: milliseconds since the epoch. */
  find(digest: string, at: number): Caller | undefined {
    const known = this.#byDigest.get(digest);
    if (known === undefined || at < known.until) return known?.caller;
    this.#byDigest.delete(digest);
    return undefined;
  }

  remember(digest: string, caller: Caller, until: number): void {
    const [first] = this.#byDigest.keys();
    if (first !== undefined && this.#byDigest.size >= MOST) this.#byDigest.delete(first);
    this.#byDigest.set(digest, { caller, until });
  }
}
