/**
 * Stops and ends, wherever they were decided: the command line, another replica, or this process before it was killed. It
 * follows from the ledger's own news, and begins with what the last process left.
 */
import { setTimeout as after } from 'node:timers/promises';
import type { Ledger } from '../domain/ports.ts';
import { isOver, makesCalls } from '../domain/session.ts';
import type { CallsInFlight } from '../stages/calls-in-flight.ts';

/** After a fault of the ledger it is asked again so many milliseconds later. */
const AGAIN = 1_000;

/** What this process keeps for sessions: connections, processes, folders. */
export interface Kept {
  /** Whose there is something of. */
  sessions(): Iterable<string>;
  /** Ends and removes all of a session. */
  leave(session: string): Promise<void>;
}

export interface EndsOptions {
  readonly ledger: Pick<Ledger, 'stopsStanding' | 'states' | 'changed'>;
  readonly flights: CallsInFlight;
  readonly kept: Kept;
  readonly fault: (error: unknown) => void;
}

export interface EndsKept {
  /** Looks at once, whatever the news. Resolves when what is over is gone. */
  look(): Promise<void>;
  /** Resolves when what was being left is gone. */
  close(): Promise<void>;
}

/** Resolves when nothing is left of sessions that were over before. Rejects where the ledger cannot be read. */
export async function keepEnds(options: EndsOptions): Promise<EndsKept> {
  const ends = new Ends(options);
  await ends.begin();
  return ends;
}

class Ends implements EndsKept {
  readonly #options: EndsOptions;
  readonly #closed = new AbortController();
  readonly #leaving = new Map<string, Promise<void>>();
  #following: Promise<void> = Promise.resolve();

  constructor(options: EndsOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    await this.look();
    this.#following = this.#follow();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#following;
    await Promise.all(this.#leaving.values());
  }

  /** Listens before it looks, so that nothing falls between the two. */
  async #follow(): Promise<void> {
    const { ledger, fault } = this.#options;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      const enough = new AbortController();
      const until = AbortSignal.any([signal, enough.signal]);
      try {
        const changed = Promise.race([ledger.changed('stops', until), ledger.changed('sessions', until)]);
        changed.catch(() => undefined); // where looking fails first, nobody waits for it
        await this.#look();
        await changed;
      } catch (error) {
        if (signal.aborted) return;
        fault(error);
        await after(AGAIN, undefined, { signal, ref: false }).catch(() => undefined);
      } finally {
        enough.abort();
      }
    }
  }

  async look(): Promise<void> {
    await this.#look();
    await Promise.all(this.#leaving.values());
  }

  async #look(): Promise<void> {
    const { ledger, flights, kept } = this.#options;
    flights.stop(await ledger.stopsStanding());
    const under = new Set(flights.sessions);
    const here = [...new Set([...under, ...kept.sessions()])];
    const states = here.length === 0 ? [] : await ledger.states(here);
    for (const [session, state] of states) {
      // What only grew too old ends when its last call has ended.
      if (state === 'expired' && under.has(session)) continue;
      if (isOver({ state })) this.#leave(session);
      else if (!makesCalls({ state })) void flights.cancelSession(session);
    }
  }

  #leave(session: string): void {
    if (this.#leaving.has(session)) return;
    const { flights, kept, fault } = this.#options;
    const left = flights
      .cancelSession(session)
      .then(() => kept.leave(session))
      .catch(fault)
      .finally(() => this.#leaving.delete(session));
    this.#leaving.set(session, left);
  }
}
