/**
 * The keys that an issuer publishes, kept: fetched when they are needed, and again when they are 5 minutes old or a token names
 * one that is not among them, at most every 30 seconds. While the issuer is away they serve for an hour, and then nothing does.
 */
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { canonical, type JsonObject } from '../../domain/json.ts';
import type { Now } from '../../domain/ports.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { KeySet, KeySource, Lease } from './key-source.ts';

/** All in milliseconds. */
const FRESH = 5 * 60_000;
const SERVED_STALE = 60 * 60_000;
const PAUSE = 30_000;
/** Between two attempts where there is nothing to serve meanwhile. */
const PAUSE_WITHOUT = 5_000;

interface Held extends KeySet {
  readonly keys: JSONWebKeySet;
  readonly at: number;
}

/** What is remembered under a key falls with it: where it is taken out of the set, and where another has its name. */
interface OwnLease extends Lease {
  readonly material: string;
  fell: boolean;
}

export class PublishedKeys implements KeySource {
  readonly #issuer: string;
  readonly #fetch: () => Promise<Result<JSONWebKeySet, string>>;
  readonly #now: Now;
  readonly #leases = new Map<string | undefined, OwnLease>();
  #held: Held | undefined;
  #tried = Number.NEGATIVE_INFINITY;
  #trouble: string | undefined;
  #flight: Promise<void> | undefined;

  /** `fetch` refuses with a phrase for the operator. */
  constructor(issuer: string, fetch: () => Promise<Result<JSONWebKeySet, string>>, now: Now) {
    this.#issuer = issuer;
    this.#fetch = fetch;
    this.#now = now;
  }

  async keysFor(kid: string | undefined): Promise<Result<KeySet, string>> {
    const at = this.#now();
    const held = this.#held;
    const known = held !== undefined && (kid === undefined || held.keys.keys.some((key) => key.kid === kid));
    if (!known || at >= held.at + FRESH) {
      // An issuer that did not answer the last time is asked again, and nobody waits for it whose key is known.
      const waits = !known || this.#trouble === undefined;
      const refreshed = this.#refresh(at);
      if (waits) await refreshed;
    }
    const now = this.#held;
    if (now !== undefined && this.#now() < now.at + SERVED_STALE) return ok(now);
    return refuse(`the keys of ${this.#issuer} cannot be had: ${this.#trouble}`);
  }

  #refresh(at: number): Promise<void> {
    if (this.#flight !== undefined) return this.#flight;
    if (at < this.#tried + (this.#held === undefined ? PAUSE_WITHOUT : PAUSE)) return Promise.resolve();
    this.#tried = at;
    this.#flight = this.#fetch()
      .then((fetched) => {
        this.#trouble = fetched.ok ? undefined : fetched.error;
        if (fetched.ok) this.#take(fetched.value, at);
      })
      .finally(() => {
        this.#flight = undefined;
      });
    return this.#flight;
  }

  #take(keys: JSONWebKeySet, at: number): void {
    for (const [kid, lease] of this.#leases) {
      if (lease.material === materialOf(keys, kid)) continue;
      lease.fell = true;
      this.#leases.delete(kid);
    }
    this.#held = { keys, at, choose: createLocalJWKSet(keys), leaseOf: (kid) => this.#leaseOf(keys, kid) };
  }

  #leaseOf(keys: JSONWebKeySet, kid: string | undefined): Lease {
    const material = materialOf(keys, kid);
    const known = this.#leases.get(kid);
    if (known?.material === material) return known;
    const lease: OwnLease = { material, fell: false, stands: (at) => !lease.fell && at < this.#believedUntil() };
    // Of keys that were replaced since they were chosen nothing is remembered.
    if (this.#held?.keys === keys) this.#leases.set(kid, lease);
    else lease.fell = true;
    return lease;
  }

  /** Once it is time to look again whoever was verified is verified again, which looks. While nobody answers that is pointless. */
  #believedUntil(): number {
    if (this.#held === undefined) return Number.NEGATIVE_INFINITY;
    const { at } = this.#held;
    const looksAgain = this.#trouble === undefined ? at + FRESH : Math.max(at + FRESH, this.#tried + PAUSE);
    return Math.min(looksAgain, at + SERVED_STALE);
  }
}

/** What a token was verified with that names this key; one that names none, with any of them. */
const materialOf = ({ keys }: JSONWebKeySet, kid: string | undefined): string =>
  canonical(keys.filter((key) => kid === undefined || key.kid === kid) as readonly JsonObject[]);
