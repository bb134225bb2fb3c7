import { hash, randomBytes } from 'node:crypto';
import type { Now } from '../../domain/ports.ts';

/** Milliseconds that a link may be followed. */
export const LINK_LIVES = 2 * 60_000;
/** More than so many at once, and the oldest goes. */
const MOST = 20;

/** Single-use links for the person at this machine, made for who reaches the 0600 socket. They let look, and nothing more. */
export class Links {
  readonly #until = new Map<string, number>();
  readonly #now: Now;

  constructor(now: Now) {
    this.#now = now;
  }

  /** The path of a new one. */
  make(): string {
    const [oldest] = this.#until.keys();
    if (oldest !== undefined && this.#until.size >= MOST) this.#until.delete(oldest);
    const code = randomBytes(32).toString('base64url');
    this.#until.set(digestOf(code), this.#now() + LINK_LIVES);
    return `/open/${code}`;
  }

  /** True once, and in time. */
  follow(code: string): boolean {
    const digest = digestOf(code);
    const until = this.#until.get(digest) ?? Number.NEGATIVE_INFINITY;
    this.#until.delete(digest);
    return this.#now() < until;
  }
}

const digestOf = (code: string): string => hash('sha256', code, 'base64url');
