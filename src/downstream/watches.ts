/** Which servers are worth listening to for changes of their list: some end the stream as soon as it stands. */
import type { Now } from '../domain/ports.ts';

/** A stream that ends sooner was hardly served. Milliseconds. */
const SHORT = 5_000;
/** After so many short streams of a server it is listened to no more; its list is still compared at each new connection. */
const MOST_SHORT = 3;

export class Watches {
  readonly #now: Now;
  readonly #short = new Map<string, number>();

  constructor(now: Now) {
    this.#now = now;
  }

  isWorthwhile(server: string): boolean {
    return (this.#short.get(server) ?? 0) < MOST_SHORT;
  }

  /** Call when a stream begins; the function that it gives when it has ended. */
  begin(server: string): () => void {
    const since = this.#now();
    return () => {
      if (this.#now() - since < SHORT) this.#short.set(server, (this.#short.get(server) ?? 0) + 1);
    };
  }
}
