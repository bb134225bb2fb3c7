/**
 * Who is signed in, by the cookie of a browser. Kept in memory alone and by the digest of the cookie: a copy of the ledger signs nobody
 * in, and a restart signs everybody out, which costs one click. Of several replicas each knows its own.
 */
import { hash, randomBytes } from 'node:crypto';
import type { ApiCaller, SignInUnderWay } from '../../domain/person.ts';
import type { Now } from '../../domain/ports.ts';

/** Milliseconds: without a request, and since the login. */
export const IDLE = 30 * 60_000;
export const LONGEST = 8 * 60 * 60_000;
/** How long a login may take at the issuer. */
export const SIGN_IN_WITHIN = 10 * 60_000;
/** More than so many, and the oldest goes. */
const MOST = 10_000;

export interface BrowserSession {
  readonly caller: ApiCaller;
  /** What a request that changes something must say, beside the cookie. */
  readonly csrf: string;
}

interface Kept<T> {
  readonly value: T;
  readonly begunAt: number;
  readonly seenAt: number;
}

class Shelf<T> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #idle: number;
  readonly #longest: number;
  readonly #now: Now;

  constructor(now: Now, longest: number, idle = longest) {
    this.#now = now;
    this.#longest = longest;
    this.#idle = idle;
  }

  /** The new id: 256 bits, told to nobody but the browser. */
  put(value: T): string {
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= MOST) this.#kept.delete(oldest);
    const id = randomBytes(32).toString('base64url');
    const at = this.#now();
    this.#kept.set(digestOf(id), { value, begunAt: at, seenAt: at });
    return id;
  }

  look(id: string): T | undefined {
    const digest = digestOf(id);
    const kept = this.#kept.get(digest);
    if (kept === undefined) return undefined;
    const at = this.#now();
    if (at >= kept.begunAt + this.#longest || at >= kept.seenAt + this.#idle) {
      this.#kept.delete(digest);
      return undefined;
    }
    this.#kept.set(digest, { ...kept, seenAt: at });
    return kept.value;
  }

  take(id: string): T | undefined {
    const value = this.look(id);
    this.#kept.delete(digestOf(id));
    return value;
  }
}

const digestOf = (id: string): string => hash('sha256', id, 'base64url');

export class BrowserSessions {
  readonly #signedIn: Shelf<BrowserSession>;
  readonly #underWay: Shelf<SignInUnderWay>;

  constructor(now: Now) {
    this.#signedIn = new Shelf(now, LONGEST, IDLE);
    this.#underWay = new Shelf(now, SIGN_IN_WITHIN);
  }

  /** A session of its own for a person; whatever the browser was before is over. */
  open(caller: ApiCaller, before: string | undefined): string {
    if (before !== undefined) this.end(before);
    return this.#signedIn.put({ caller, csrf: randomBytes(32).toString('base64url') });
  }

  find(id: string): BrowserSession | undefined {
    return this.#signedIn.look(id);
  }

  end(id: string): void {
    this.#signedIn.take(id);
  }

  begin(underWay: SignInUnderWay): string {
    return this.#underWay.put(underWay);
  }

  /** Once. */
  resume(id: string): SignInUnderWay | undefined {
    return this.#underWay.take(id);
  }
}
