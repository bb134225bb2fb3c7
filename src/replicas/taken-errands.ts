/** What this replica does for others: exchanges at connections that it has, rounds of calls that are open here. */
import type { Abilities } from '../domain/abilities.ts';
import type { OpenExchange } from '../domain/call.ts';
import type { Unavailable } from '../domain/downstream.ts';
import type { Answer, Connection, Line, LogLevel, Question } from '../domain/exchange.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Claim } from '../domain/replicas.ts';
import type { Result } from '../domain/result.ts';
import type { Order, Post, Said } from './errand.ts';

const INTERNAL_ERROR = -32603;
const MOST_KNOWN = 10_000;
const NO_ANSWER: Answer = { ok: false, code: INTERNAL_ERROR, message: 'the client did not answer' };

export interface TakenParts {
  readonly post: Post;
  readonly standing: () => Claim;
  /** The session's connection, where it is this replica's. */
  readonly connectHere: (
    server: string,
    session: string,
    abilities: Abilities,
  ) => Promise<Result<Connection, Unavailable>>;
  readonly findOpen: (call: string) => Pick<OpenExchange, 'goOn'> | undefined;
}

/** One errand, while it lasts. */
class Taken {
  readonly from: string;
  /** What it was ordered of: once that fell, who ordered it takes this replica for dead. */
  readonly standing: Claim;
  readonly cancel = new AbortController();
  readonly unsubscribe = new AbortController();
  readonly say: (said: Said) => void;
  readonly #questions = new Map<number, (answer: Answer) => void>();
  #count = 0;

  constructor(from: string, standing: Claim, say: (said: Said) => void) {
    this.from = from;
    this.standing = standing;
    this.say = say;
    this.cancel.signal.addEventListener('abort', () => {
      for (const answer of this.#questions.values()) answer(NO_ANSWER);
    });
  }

  line(logLevel: LogLevel | undefined): Line {
    return {
      signal: this.cancel.signal,
      progress: (step) => this.say({ say: 'progress', step }),
      logLevel,
      log: (entry) => this.say({ say: 'log', entry }),
      tasked: () => this.say({ say: 'tasked' }),
      ask: undefined,
    };
  }

  async ask(question: Question): Promise<Answer> {
    if (this.cancel.signal.aborted) return NO_ANSWER;
    const number = ++this.#count;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#questions.set(number, resolve);
    this.say({ say: 'question', number, question });
    const answer = await promise;
    return this.standing.holds() ? answer : NO_ANSWER;
  }

  hear(said: Said): void {
    if (said.say === 'answer') this.#questions.get(said.number)?.(said.answer);
    if (said.say === 'cancel') this.cancel.abort();
    if (said.say === 'unsubscribe') this.unsubscribe.abort();
  }
}

export class TakenErrands {
  readonly #parts: TakenParts;
  readonly #open = new Map<string, Taken>();
  /** Those that were taken, the last ones: an order that came twice must not be carried out twice. */
  readonly #known = new Set<string>();

  constructor(parts: TakenParts) {
    this.#parts = parts;
  }

  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  hear(from: string, errand: string, said: Said): void {
    const taken = this.#open.get(errand);
    if (taken?.from === from) taken.hear(said);
  }

  /** Begins an errand. Its words after this one find it open. */
  take(from: string, errand: string, order: Order): void {
    if (this.#known.has(errand)) return;
    this.#remember(errand);
    const taken = new Taken(from, this.#parts.standing(), (said) => this.#parts.post.say(from, errand, said));
    this.#open.set(errand, taken);
    const run = order.say === 'exchange' ? this.#exchange(taken, order) : this.#round(taken, order);
    void run.finally(() => this.#open.delete(errand));
  }

  #remember(errand: string): void {
    this.#known.add(errand);
    const [oldest] = this.#known;
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Cancels exchanges that nobody waits for any more. Calls that are open here are their own, whoever asked after them. */
  endLost(living: ReadonlySet<string>, own: string): void {
    for (const [errand, taken] of this.#open) {
      if (living.has(taken.from) && taken.standing.replica === own) continue;
      this.#open.delete(errand);
      taken.unsubscribe.abort();
      taken.cancel.abort();
    }
  }

  async #exchange(taken: Taken, order: Extract<Order, { say: 'exchange' }>): Promise<void> {
    const outcome = await this.#make(taken, order);
    taken.say({ say: 'outcome', outcome });
    if (outcome.outcome !== 'ok' || !order.ordered.subscribes) return;
    const { signal } = taken.unsubscribe;
    if (!signal.aborted) await new Promise((left) => signal.addEventListener('abort', left, { once: true }));
  }

  async #make(taken: Taken, { session, server, ordered }: Extract<Order, { say: 'exchange' }>): Promise<Outcome> {
    const connected = await this.#parts.connectHere(server, session, ordered.abilities).catch((fault: unknown) => ({
      ok: false as const,
      error: { why: fault instanceof Error ? fault.message : String(fault) },
    }));
    if (!connected.ok) return { outcome: 'not_sent', why: connected.error.why };
    if (!taken.standing.holds()) return { outcome: 'not_sent', why: 'its gateway was out of touch with the ledger' };
    const { logLevel, subscribes, ...sent } = ordered;
    const updated = (uri: string): void => taken.say({ say: 'updated', uri });
    return connected.value.call({
      ...sent,
      line: taken.line(logLevel),
      ask: (question) => taken.ask(question),
      subscriber: subscribes ? { signal: taken.unsubscribe.signal, updated } : undefined,
    });
  }

  async #round(taken: Taken, { call, round, logLevel }: Extract<Order, { say: 'round' }>): Promise<void> {
    const open = this.#parts.findOpen(call);
    // A later round is asked for by somebody who may die: the call itself goes on.
    const reached = await open?.goOn({ id: call, round, line: taken.line(logLevel) }).catch(() => undefined);
    taken.say({ say: 'reached', reached });
  }
}
