/** Which replica has a session's connection to a server. What this one has it knows without asking, for as long as it lives. */
import type { Claim, Replicas } from '../domain/replicas.ts';

export interface LeaseParts {
  readonly replicas: Replicas;
  readonly standing: () => Claim;
  /** Ends a session's connections here. Resolves when they are gone. */
  readonly leave: (session: string) => Promise<void>;
}

interface Held {
  readonly session: string;
  readonly server: string;
  readonly replica: string;
}

export class Leases {
  readonly #parts: LeaseParts;
  readonly #held = new Map<string, Held>();
  /** By lease: what is asked of the ledger now, so that a release does not overtake the lease that follows it. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** Takes it where nobody has it. Answers which replica has it. */
  async take(session: string, server: string): Promise<string> {
    const key = keyOf(session, server);
    const own = this.#parts.standing().replica;
    if (this.#held.get(key)?.replica === own) return own;
    await this.dropStale();
    return this.#inTurn(key, async () => {
      const replica = await this.#parts.replicas.lease(session, server);
      if (replica === this.#parts.standing().replica) this.#held.set(key, { session, server, replica });
      return replica;
    });
  }

  async release(session: string, server: string): Promise<void> {
    const key = keyOf(session, server);
    this.#held.delete(key);
    await this.#inTurn(key, () => this.#parts.replicas.release(session, server));
  }

  /** Ends the connections that were leased under a name that this replica has no more: others may have them anew. */
  async dropStale(): Promise<void> {
    const own = this.#parts.standing().replica;
    const stale = [...this.#held.values()].filter(({ replica }) => replica !== own);
    for (const { session, server } of stale) this.#held.delete(keyOf(session, server));
    await Promise.all([...new Set(stale.map(({ session }) => session))].map(this.#parts.leave));
  }

  #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(key, turn);
    const over = (): void => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    };
    turn.then(over, over);
    return turn;
  }
}

const keyOf = (session: string, server: string): string => `${server}\n${session}`;
