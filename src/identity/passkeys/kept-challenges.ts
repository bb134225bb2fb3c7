import { randomBytes } from 'node:crypto';
import type { Known } from '../../domain/person.ts';
import type { Now } from '../../domain/ports.ts';

/** Milliseconds that a challenge can be answered. */
export const CHALLENGE_LIVES = 5 * 60_000;
/** Of one person at once, and of all: beyond them the oldest goes. */
const MOST_OF_ONE = 20;
const MOST = 1_000;

interface Kept<T> {
  readonly whose: string;
  readonly until: number;
  readonly value: T;
}

/** What was asked of a person's browser: in memory, for that person alone, answered once. A restart asks again. */
export class KeptChallenges<T> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #now: Now;

  constructor(now: Now) {
    this.#now = now;
  }

  put(known: Known, value: T): string {
    const at = this.#now();
    for (const [id, { until }] of this.#kept) if (until <= at) this.#kept.delete(id);
    const whose = nameOf(known);
    const theirs = [...this.#kept].filter(([, one]) => one.whose === whose).map(([id]) => id);
    const full = theirs.length >= MOST_OF_ONE ? theirs : this.#kept.size >= MOST ? [...this.#kept.keys()] : [];
    for (const oldest of full.slice(0, 1)) this.#kept.delete(oldest);
    const id = randomBytes(16).toString('base64url');
    this.#kept.set(id, { whose, until: at + CHALLENGE_LIVES, value });
    return id;
  }

  /** Once, in time, and by the person who was asked: somebody else leaves it where it is. */
  take(known: Known, id: string): T | undefined {
    const kept = this.#kept.get(id);
    if (kept === undefined || kept.whose !== nameOf(known)) return undefined;
    this.#kept.delete(id);
    return this.#now() < kept.until ? kept.value : undefined;
  }
}

const nameOf = ({ issuer, subject, tenant }: Known): string => JSON.stringify([issuer, subject, tenant]);
