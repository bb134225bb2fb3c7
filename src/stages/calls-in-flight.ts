/** The calls that this process has sent and that are not settled, so that what a person stops ends at once. */
import type { Committed, Settled } from '../domain/call.ts';
import { targetOf } from '../domain/contract.ts';
import type { Line } from '../domain/exchange.ts';
import { type Stop, type Stoppable, stopOf } from '../domain/stop.ts';
import { stoppableOf } from './stopped.ts';

/** What the server is told, and what the outcome says. */
const STOPPED = 'stopped by a person';

interface Flight {
  readonly session: string;
  readonly call: Stoppable;
  readonly cancel: AbortController;
  settled: Promise<unknown>;
}

export class CallsInFlight {
  readonly #flights = new Set<Flight>();
  #standing: readonly Stop[] = [];

  /** Runs a committed call, which is cancelled when it is stopped, or its session. */
  async during(call: Committed, run: (call: Committed) => Promise<Settled>): Promise<Settled> {
    const { line, session, contract, digest } = call;
    const cancel = new AbortController();
    const cancelled = (): void => cancel.abort(line.signal.reason);
    const stoppable = stoppableOf(call, { target: targetOf(contract), digest });
    const flight: Flight = { session: session.id, call: stoppable, cancel, settled: Promise.resolve() };
    this.#flights.add(flight);
    line.signal.addEventListener('abort', cancelled, { once: true });
    if (line.signal.aborted) cancelled();
    // Stopped after the commit, and heard of before this. An older stop is lifted by now, or the commit had refused the call.
    const since = this.#standing.filter(({ at }) => at >= call.receivedAt);
    if (since.length > 0 && stopOf(since, stoppable) !== undefined) cancel.abort(STOPPED);
    try {
      const settled = run({ ...call, line: until(line, cancel.signal) });
      flight.settled = settled;
      return await settled;
    } finally {
      line.signal.removeEventListener('abort', cancelled);
      this.#flights.delete(flight);
    }
  }

  /** Whose calls they are, by session. */
  get sessions(): ReadonlySet<string> {
    return new Set([...this.#flights].map(({ session }) => session));
  }

  /** What these concern is cancelled, and settles as what it came to. */
  stop(standing: readonly Stop[]): void {
    this.#standing = standing;
    if (standing.length === 0) return;
    for (const { call, cancel } of this.#flights) if (stopOf(standing, call) !== undefined) cancel.abort(STOPPED);
  }

  /** Cancels all of a session. Resolves when they are settled. */
  async cancelSession(session: string): Promise<void> {
    const ended = [...this.#flights].filter((flight) => flight.session === session);
    for (const { cancel } of ended) cancel.abort(STOPPED);
    await Promise.allSettled(ended.map(({ settled }) => settled));
  }
}

/** The same line, with an end of its own. */
const until = (line: Line, signal: AbortSignal): Line => ({
  signal,
  progress: (step) => line.progress(step),
  logLevel: line.logLevel,
  log: (entry) => line.log(entry),
  tasked: line.tasked,
  ask: line.ask,
});
