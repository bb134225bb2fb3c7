/** Sessions that are over, whoever ended them: a person, their age, another process or replica. */
import type { Kept } from './kept.ts';

/** How far clocks of replicas may differ, in milliseconds: what ended so long ago is looked at again. */
const SKEW = 5 * 60_000;

export class Endings {
  readonly #kept: Pick<Kept, 'ledger' | 'clear' | 'now'>;
  readonly #cleared = new Map<string, number>();
  /** What ended before was cleared by this process, or at its start. */
  #since: number;

  constructor(kept: Pick<Kept, 'ledger' | 'clear' | 'now'>) {
    this.#kept = kept;
    this.#since = kept.now() - SKEW;
  }

  /** Clears up after each session once, when its last call has ended: what is under way gets its outcome first. */
  async clear(): Promise<void> {
    const { ledger, clear, now } = this.#kept;
    const from = now() - SKEW;
    const ended = await ledger.endedSince(this.#since);
    const waiting = ended.filter(({ inFlight }) => inFlight > 0);
    for (const { session, endedAt, inFlight } of ended) {
      if (inFlight > 0 || this.#cleared.has(session)) continue;
      await clear(session);
      this.#cleared.set(session, endedAt);
    }
    this.#since = Math.min(from, ...waiting.map(({ endedAt }) => endedAt));
    for (const [session, endedAt] of this.#cleared) if (endedAt < this.#since) this.#cleared.delete(session);
  }
}
