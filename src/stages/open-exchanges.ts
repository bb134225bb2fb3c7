/**
 * Calls whose server asks the client something, while that client can only answer in its next request (MCP 2026-07-28:
 * multi round-trip requests). The exchange with the server stays open here, in the one process that owns it; each round
 * walks `decide` again and then goes on with it. A call nobody comes back for ends by itself: its questions lapse, and
 * its outcome is settled all the same.
 */
import { askable, canBeAsked } from '../domain/abilities.ts';
import type { Approved, Asked, Committed, OpenExchange, Round, Settled } from '../domain/call.ts';
import type { Answer, Line, LogEntry, Progress, Question } from '../domain/exchange.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import { nameOf } from '../domain/principal.ts';

/** A server may ask several things at once, in several messages: so long is waited for the others. Milliseconds. */
const GATHER = 10;
/** Calls of one session that may wait for their client at the same time, and questions of one call. */
const MOST_CALLS = 20;
const MOST_QUESTIONS = 16;

export class OpenExchanges {
  readonly #open = new Map<string, Waiting>();

  find(call: string): OpenExchange | undefined {
    return this.#open.get(call);
  }

  /** Runs a call to its end, or to the first questions that its client must come back for. */
  begin(call: Committed, run: (call: Committed) => Promise<Settled>): Promise<Settled | Asked> {
    const { line, abilities, profile, contract } = call;
    if (line.ask !== undefined || !canBeAsked(askable(abilities, profile.asks.get(contract.server)))) return run(call);
    const inSession = [...this.#open.values()].filter((one) => one.isOf(call.session.id));
    if (inSession.length >= MOST_CALLS) return run(call);
    const waiting = new Waiting(call);
    this.#open.set(call.id, waiting);
    return waiting.start(run, () => void this.#open.delete(call.id));
  }

  /** Cancels what waits, and resolves when all of it is settled. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((one) => one.cancel()));
  }
}

interface Open {
  readonly question: Question;
  answer(answer: Answer): void;
}

/** One open exchange: to the connection it is the caller's line, to the path the exchange that rounds go on with. */
class Waiting implements OpenExchange, Line {
  readonly #call: Committed;
  readonly #stop = new AbortController();
  readonly #questions = new Map<string, Open>();
  /** The line of the request that waits now; undefined between two rounds. */
  #caller: Line | undefined;
  #keys = 0;
  readonly #ahead = new Map<string, JsonObject>();
  #settled: Promise<Settled> | undefined;
  #wake = Promise.withResolvers<void>();
  /** Something was asked that no caller has been told of. */
  #isNew = false;
  rounds = 0;

  constructor(call: Committed) {
    this.#call = call;
    for (const [key, answer] of Object.entries(call.ahead ?? {})) if (isObject(answer)) this.#ahead.set(key, answer);
  }

  get connection() {
    return this.#call.connection;
  }
  get entry() {
    return this.#call.entry;
  }
  get deadline() {
    return this.#call.deadline;
  }
  get signal() {
    return this.#stop.signal;
  }
  get logLevel() {
    return this.#call.line.logLevel;
  }

  isOf(session: string): boolean {
    return this.#call.session.id === session;
  }

  fits(call: Approved): boolean {
    const { operation, contract, digest, session, principal } = this.#call;
    return (
      call.operation === operation &&
      call.session.id === session.id &&
      nameOf(call.principal) === nameOf(principal) &&
      call.principal.client === principal.client &&
      call.contract.server === contract.server &&
      call.contract.name === contract.name &&
      call.digest === digest
    );
  }

  start(run: (call: Committed) => Promise<Settled>, over: () => void): Promise<Settled | Asked> {
    this.#settled = run({ ...this.#call, line: this, open: this }).finally(() => {
      // What still waits for the client is asked for nothing any more.
      this.#stop.abort();
      over();
    });
    // Nobody may be waiting when it fails; whoever comes back is told.
    this.#settled.catch(() => undefined);
    return this.#next(this.#call.line, this.#settled);
  }

  goOn(call: Committed): Promise<Settled | Asked> {
    if (this.#settled === undefined) throw new Error(`call ${call.id} goes on before it began`);
    // Answers to an earlier round than the last were heard already: their sender only lost our reply.
    if (call.round?.number === this.rounds) this.#hear(call.round);
    return this.#next(call.line, this.#settled);
  }

  async cancel(): Promise<void> {
    this.#stop.abort();
    await this.#settled?.catch(() => undefined);
  }

  progress(step: Progress): void {
    this.#caller?.progress(step);
  }

  log(entry: LogEntry): void {
    this.#caller?.log(entry);
  }

  readonly ask = (question: Question, until: AbortSignal): Promise<Answer> => {
    if (this.#questions.size >= MOST_QUESTIONS)
      return Promise.resolve({ ok: false, code: -32603, message: 'too many questions wait for the client' });
    const ahead = question.key === undefined ? undefined : this.#ahead.get(question.key);
    if (question.key !== undefined && ahead !== undefined) {
      this.#ahead.delete(question.key);
      return Promise.resolve({ ok: true, result: ahead });
    }
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const key = this.#keyOf(question);
    const answer = (given: Answer): void => {
      until.removeEventListener('abort', lapse);
      this.#questions.delete(key);
      if (this.#questions.size === 0) this.#wake = Promise.withResolvers<void>();
      resolve(given);
    };
    const lapse = (): void => answer({ ok: false, code: -32603, message: 'the question was taken back' });
    until.addEventListener('abort', lapse, { once: true });
    this.#questions.set(key, { question, answer });
    this.#isNew = true;
    this.#wake.resolve();
    return promise;
  };

  /** The server's own key, so that a client sees what it would have seen without us; else one of ours. */
  #keyOf({ key, method }: Question): string {
    if (key !== undefined && !this.#questions.has(key)) return key;
    this.#keys++;
    return `${method.split('/')[0]}_${this.#keys}`;
  }

  #hear({ answers }: Round): void {
    for (const [key, result] of Object.entries(answers)) {
      if (isObject(result)) this.#questions.get(key)?.answer({ ok: true, result });
    }
  }

  /** The end, or the questions that are open, whichever comes first. The request that waits may cancel the call. */
  async #next(caller: Line, settled: Promise<Settled>): Promise<Settled | Asked> {
    this.#caller = caller;
    const cancelled = (): void => this.#stop.abort();
    caller.signal.addEventListener('abort', cancelled, { once: true });
    if (caller.signal.aborted) cancelled();
    try {
      const ended = settled.then((value) => value);
      for (;;) {
        const reached = await Promise.race([ended, this.#asked()]);
        if (reached !== undefined) return reached;
      }
    } finally {
      caller.signal.removeEventListener('abort', cancelled);
      if (this.#caller === caller) this.#caller = undefined;
    }
  }

  /** What is asked now; undefined where it was taken back meanwhile. */
  async #asked(): Promise<Asked | undefined> {
    await this.#wake.promise;
    await new Promise((gathered) => setTimeout(gathered, GATHER));
    if (this.#questions.size === 0) return undefined;
    if (this.#isNew) this.rounds++;
    this.#isNew = false;
    const questions = [...this.#questions].map(([key, { question }]) => [key, question] as const);
    return { id: this.#call.id, round: this.rounds, questions: Object.fromEntries(questions) };
  }
}
