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
  /** Aborts when it ends, or is found to have ended. */
  readonly over: AbortSignal;
}

interface ComingIn extends SignInUnderWay {
  /** The path of the page that the person was after. */
  readonly to: string;
}

interface Open extends BrowserSession {
  readonly end: () => void;
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
  readonly #gone: (value: T) => void;

  constructor(now: Now, gone: (value: T) => void, longest: number, idle = longest) {
    this.#now = now;
    this.#gone = gone;
    this.#longest = longest;
    this.#idle = idle;
  }

  /** The new id: 256 bits, told to nobody but the browser. */
  put(value: T): string {
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= MOST) this.#remove(oldest);
    const id = randomBytes(32).toString('base64url');
    const at = this.#now();
    this.#kept.set(digestOf(id), { value, begunAt: at, seenAt: at });
    return id;
  }

  /** `touching`: it is not idle from now on. */
  look(id: string, touching = true): T | undefined {
    const digest = digestOf(id);
    const kept = this.#kept.get(digest);
    if (kept === undefined) return undefined;
    const at = this.#now();
    if (at >= kept.begunAt + this.#longest || at >= kept.seenAt + this.#idle) {
      this.#remove(digest);
      return undefined;
    }
    if (touching) this.#kept.set(digest, { ...kept, seenAt: at });
    return kept.value;
  }

  take(id: string): T | undefined {
    const value = this.look(id);
    this.#remove(digestOf(id));
    return value;
  }

  #remove(digest: string): void {
    const kept = this.#kept.get(digest);
    this.#kept.delete(digest);
    if (kept !== undefined) this.#gone(kept.value);
  }
}

const digestOf = (id: string): string => hash('sha256', id, 'base64url');

export class BrowserSessions {
  readonly #signedIn: Shelf<Open>;
  readonly #underWay: Shelf<ComingIn>;

  constructor(now: Now) {
    this.#signedIn = new Shelf(now, ({ end }) => end(), LONGEST, IDLE);
    this.#underWay = new Shelf(now, () => undefined, SIGN_IN_WITHIN);
  }

  /** A session of its own for a person; whatever the browser was before is over. */
  open(caller: ApiCaller, before: string | undefined): string {
    if (before !== undefined) this.end(before);
    const ending = new AbortController();
    const csrf = randomBytes(32).toString('base64url');
    return this.#signedIn.put({ caller, csrf, over: ending.signal, end: () => ending.abort() });
  }

  find(id: string): BrowserSession | undefined {
    return this.#signedIn.look(id);
  }

  /** Likewise, for what a page asks for by itself: nobody is there for that. */
  peek(id: string): BrowserSession | undefined {
    return this.#signedIn.look(id, false);
  }

  end(id: string): void {
    this.#signedIn.take(id);
  }

  begin(underWay: ComingIn): string {
    return this.#underWay.put(underWay);
  }

  /** Once. */
  resume(id: string): ComingIn | undefined {
    return this.#underWay.take(id);
  }
}
