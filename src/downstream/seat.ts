/** A connection's place, from the moment somebody wants it until it has been idle for too long. */
import type { Result } from '../domain/result.ts';

export class Seat<T, E> {
  /** Shared by all who want the connection meanwhile. */
  readonly opening: Promise<Result<T, E>>;
  #seated: T | undefined;
  readonly #isAlive: (seated: T) => boolean;
  #failed = false;
  readonly #calls = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(open: (seat: Seat<T, E>) => Promise<Result<T, E>>, isAlive: (seated: T) => boolean) {
    this.#isAlive = isAlive;
    this.opening = this.#open(open);
  }

  /** The connection where it stands ready. */
  get ready(): T | undefined {
    return this.#seated !== undefined && this.#isAlive(this.#seated) ? this.#seated : undefined;
  }

  /** Whether the connection stands, or is being opened. */
  get usable(): boolean {
    return this.#seated === undefined ? !this.#failed : this.#isAlive(this.#seated);
  }

  /** Somebody uses the connection: it is not idle. */
  touch(): void {
    this.#timer?.refresh();
  }

  async during<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
      this.touch();
    }
  }

  /** Resolves when the connection stands or failed, and no call is open. */
  async idle(): Promise<void> {
    await this.opening;
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls);
  }

  /** Calls `leave` once no call was made for `idle` milliseconds and none is open. */
  expireAfter(idle: number, leave: () => void): void {
    this.stopClock();
    this.#timer = setTimeout(() => {
      if (this.#calls.size > 0 || this.#seated === undefined) this.touch();
      else leave();
    }, idle).unref();
  }

  stopClock(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #open(open: (seat: Seat<T, E>) => Promise<Result<T, E>>): Promise<Result<T, E>> {
    const opened = await open(this);
    if (opened.ok) this.#seated = opened.value;
    else this.#failed = true;
    return opened;
  }
}
