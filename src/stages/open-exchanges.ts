/**
 * Calls whose server asks the client something, while that client can only answer in its next request (MCP 2026-07-28:
 * multi round-trip requests). The exchange with the server stays open here, in the one process that owns it; each round
 * walks `decide` again and then goes on with it. A call nobody comes back for ends by itself: its questions lapse, and
 * its outcome is settled all the same.
 */
import type { Asked, Committed, OpenExchange, Settled } from '../domain/call.ts';
import { WaitingExchange } from './waiting-exchange.ts';

/** Calls of one session that may wait for their client at the same time. */
const MOST_CALLS = 1_000;

export class OpenExchanges {
  readonly #open = new Map<string, WaitingExchange>();

  find(call: string): OpenExchange | undefined {
    return this.#open.get(call);
  }

  /** Runs a call to its end, or to the first questions that its client must come back for. */
  open(call: Committed, run: (call: Committed) => Promise<Settled>): Promise<Settled | Asked> {
    const { id } = call;
    if (this.#countOf(call.session.id) >= MOST_CALLS) return run(call);
    const waiting = new WaitingExchange(call);
    this.#open.set(id, waiting);
    return waiting.start((begun) => run(begun).finally(() => this.#open.delete(id)));
  }

  #countOf(session: string): number {
    let count = 0;
    for (const one of this.#open.values()) if (one.session === session) count++;
    return count;
  }

  /** Cancels what waits, and resolves when all of it is settled. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((one) => one.cancel()));
  }
}
