/** Those who wait for something to change, by its key. */
export class Waiters {
  readonly #byKey = new Map<string, Set<() => void>>();
  /** Told when the first one comes and when the last one goes. */
  readonly #occupied: (occupied: boolean) => unknown;

  constructor(occupied: (occupied: boolean) => unknown) {
    this.#occupied = occupied;
  }

  wait(key: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      if (this.#byKey.size === 0) this.#occupied(true);
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#remove(key, wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      const waiting = this.#byKey.get(key) ?? new Set();
      this.#byKey.set(key, waiting.add(wake));
    });
  }

  wake(keys: Iterable<string>): void {
    for (const key of keys) for (const wake of [...(this.#byKey.get(key) ?? [])]) wake();
  }

  wakeAll(): void {
    this.wake([...this.#byKey.keys()]);
  }

  #remove(key: string, wake: () => void): void {
    const waiting = this.#byKey.get(key);
    if (waiting === undefined) return;
    waiting.delete(wake);
    if (waiting.size > 0) return;
    this.#byKey.delete(key);
    if (this.#byKey.size === 0) this.#occupied(false);
  }
}
