/** A connection's place, from the moment somebody wants it until it has been idle for too long. */
import type { Connection } from '../domain/exchange.ts';
import type { Unavailable } from '../domain/ports.ts';
import type { Result } from '../domain/result.ts';
import type { Link } from './link.ts';

export interface Seated {
  readonly link: Link;
  readonly connection: Result<Connection, Unavailable>;
  close(): Promise<void>;
}

export class Seat {
  /** Shared by all who want the connection meanwhile. */
  readonly opening: Promise<Result<Seated, Unavailable>>;
  #seated: Seated | undefined;
  #failed = false;
  #calls = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(open: (seat: Seat) => Promise<Result<Seated, Unavailable>>) {
    this.opening = this.#open(open);
  }

  /** The connection where it stands ready. */
  get ready(): Seated | undefined {
    return this.#seated?.link.alive() ? this.#seated : undefined;
  }

  /** Whether the connection stands, or is being opened. */
  get usable(): boolean {
    return this.#seated === undefined ? !this.#failed : this.#seated.link.alive();
  }

  /** Somebody uses the connection: it is not idle. */
  touch(): void {
    this.#timer?.refresh();
  }

  async during<T>(call: Promise<T>): Promise<T> {
    this.#calls++;
    try {
      return await call;
    } finally {
      this.#calls--;
      this.touch();
    }
  }

  /** Calls `leave` once no call was made for `idle` milliseconds and none is open. */
  expireAfter(idle: number, leave: () => void): void {
    this.stopClock();
    this.#timer = setTimeout(() => {
      if (this.#calls > 0 || this.#seated === undefined) this.touch();
      else leave();
    }, idle).unref();
  }

  stopClock(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #open(open: (seat: Seat) => Promise<Result<Seated, Unavailable>>): Promise<Result<Seated, Unavailable>> {
    const opened = await open(this);
    if (opened.ok) this.#seated = opened.value;
    else this.#failed = true;
    return opened;
  }
}
