/** The database's time, told without asking it: the monotonic clock of this process, and how far the database's is from it. */

/** Milliseconds that a sample is preferred to newer ones that took longer. */
const FRESH_FOR = 60_000;
/** How far two clocks may drift apart between two samples, in milliseconds, and what each rounds. */
const DRIFT = 5;

export class DatabaseClock {
  readonly #ticks: () => number;
  #offset = 0;
  #roundTrip = Number.POSITIVE_INFINITY;
  #sampledAt = Number.NEGATIVE_INFINITY;

  /** `ticks`: a clock that is never set, in milliseconds. */
  constructor(ticks: () => number) {
    this.#ticks = ticks;
  }

  /** Milliseconds since the epoch, as the database counts them. */
  readonly now = (): number => Math.round(this.#ticks() + this.#offset);

  /**
   * What the database said, and when by `ticks` it was asked and answered. The smallest round trip of a minute counts; one
   * that contradicts it counts too, since the machine slept or a clock was set.
   */
  hear(time: number, asked: number, answered: number): void {
    const roundTrip = answered - asked;
    const offset = time - (asked + answered) / 2;
    const apart = Math.abs(offset - this.#offset);
    const isContrary = apart > (roundTrip + this.#roundTrip) / 2 + DRIFT;
    if (roundTrip > this.#roundTrip && answered - this.#sampledAt < FRESH_FOR && !isContrary) return;
    this.#offset = offset;
    this.#roundTrip = roundTrip;
    this.#sampledAt = answered;
  }
}
