/** The other replicas, by way of the database. Letters are sealed under the content key, and bound to who wrote to whom. */
import type { Letter, Replicas, UnderWay } from '../../domain/replicas.ts';
import type { LedgerHome } from '../ledger-home.ts';
import type { Sealing } from '../sealing.ts';
import type { Waiters } from '../waiters.ts';
import type { Presence } from './presence.ts';

export class StoredReplicas implements Replicas {
  readonly now: () => number;
  readonly #home: LedgerHome;
  readonly #presence: Presence;
  readonly #sealing: Sealing;
  readonly #waiters: Waiters;
  /** Read, and perhaps not removed yet. */
  readonly #read = new Set<number>();
  /** Of those, what was removed since. */
  readonly #cleared = new Set<number>();

  constructor(home: LedgerHome, presence: Presence, sealing: Sealing, waiters: Waiters) {
    this.now = presence.now;
    this.#home = home;
    this.#presence = presence;
    this.#sealing = sealing;
    this.#waiters = waiters;
  }

  lease(session: string, server: string): Promise<string> {
    return this.#home.ask('lease', { session, server, replica: this.#own });
  }

  async release(session: string, server: string): Promise<void> {
    await this.#home.ask('release', { session, server, replica: this.#own });
  }

  leasedButOver(): ReturnType<Replicas['leasedButOver']> {
    return this.#home.ask('leased_but_over', { replica: this.#own });
  }

  async living(): Promise<ReadonlySet<string>> {
    return new Set(await this.#home.ask('living', undefined));
  }

  underWay(call: string): Promise<UnderWay | undefined> {
    return this.#home.ask('under_way', { call });
  }

  async post(to: string, text: string): Promise<void> {
    const from = this.#own;
    const sealed = this.#sealing.sealForAll(placeOf(from, to), Buffer.from(text));
    await this.#home.ask('post', { from, to, sealed });
  }

  async letters(): Promise<readonly Letter[]> {
    const to = this.#own;
    const gone = [...this.#cleared];
    const found = await this.#home.ask('letters', { replica: to });
    // Only what was removed before this began to read cannot be found any more, and may be forgotten.
    for (const row of gone) {
      this.#read.delete(row);
      this.#cleared.delete(row);
    }
    const fresh = found.filter(({ row }) => !this.#read.has(row));
    for (const { row } of fresh) this.#read.add(row);
    if (found.length > 0) void this.#clear(found.map(({ row }) => row));
    return fresh.map(({ from, sealed, isFromLiving }) => ({
      from,
      text: this.#sealing.unsealForAll(placeOf(from, to), sealed).toString(),
      isFromLiving,
    }));
  }

  written(signal: AbortSignal): Promise<void> {
    return this.#waiters.wait(`relay:${this.#own}`, signal);
  }

  get #own(): string {
    return this.#presence.standing().replica;
  }

  /** Where it fails, what was read is remembered until the next time. */
  async #clear(rows: readonly number[]): Promise<void> {
    try {
      await this.#home.ask('clear', { rows });
      for (const row of rows) this.#cleared.add(row);
    } catch {
      // They are found and removed the next time.
    }
  }
}

const placeOf = (from: string, to: string): string => `letter from ${from} to ${to}`;
