/** One exchange whose client answers between two requests: to the connection the caller's line, to the path what rounds go on with. */
import type { Approved, Asked, Committed, OpenExchange, Settled } from '../domain/call.ts';
import type { Answer, Connection, Line, LogEntry, Progress, Question } from '../domain/exchange.ts';
import { AskedQuestions } from './asked-questions.ts';
import { endIfNear, firstReached } from './first-reached.ts';
import { isRoundOf } from './is-round-of.ts';

export class WaitingExchange implements OpenExchange, Line {
  readonly #call: Committed;
  readonly #questions: AskedQuestions;
  readonly #stop = new AbortController();
  readonly session: string;
  readonly connection: Connection;
  readonly entry: number;
  readonly deadline: number;
  readonly logLevel: Line['logLevel'];
  readonly signal = this.#stop.signal;
  /** The line of the request that waits now; undefined between two rounds. */
  #caller: Line | undefined;
  #settled: Promise<Settled> | undefined;
  readonly #tasked = Promise.withResolvers<Asked>();
  isTask = false;

  constructor(call: Committed) {
    this.#call = call;
    this.#questions = new AskedQuestions(call.ahead);
    this.session = call.session.id;
    this.connection = call.connection;
    this.entry = call.entry;
    this.deadline = call.deadline;
    this.logLevel = call.line.logLevel;
  }

  get rounds(): number {
    return this.#questions.rounds;
  }

  fits(call: Approved): boolean {
    return isRoundOf(this.#call, call);
  }

  start(run: (call: Committed) => Promise<Settled>): Promise<Settled | Asked> {
    // What still waits for the client when the call ends is asked for nothing any more.
    this.#settled = run({ ...this.#call, line: this, open: this }).finally(() => this.#stop.abort());
    // Nobody may be waiting when it fails; whoever comes back is told.
    this.#settled.catch(() => undefined);
    if (this.#call.comesBack !== true) return this.#next(this.#call.line, this.#settled);
    this.#questions.useKeysOnce();
    return this.#look(this.#settled);
  }

  goOn(call: Pick<Committed, 'id' | 'round' | 'line'>): Promise<Settled | Asked> {
    if (this.#settled === undefined) throw new Error(`call ${call.id} goes on before it began`);
    if (call.round !== undefined) this.#questions.hear(call.round);
    if (call.round?.looks === true) return this.#look(this.#settled);
    return this.#next(call.line, this.#settled);
  }

  async cancel(): Promise<void> {
    this.#stop.abort();
    await this.#settled?.catch(() => undefined);
  }

  readonly progress = (step: Progress): void => this.#caller?.progress(step);
  readonly log = (entry: LogEntry): void => this.#caller?.log(entry);

  readonly tasked = (): void => {
    this.isTask = true;
    this.#questions.useKeysOnce();
    this.#tasked.resolve(this.#standing());
  };

  readonly ask = (question: Question, until: AbortSignal): Promise<Answer> => this.#questions.ask(question, until);

  /** The end, the questions that are open, or that a task was made. The last request that waits may cancel the call. */
  async #next(caller: Line, settled: Promise<Settled>): Promise<Settled | Asked> {
    this.#caller = caller;
    // Whoever comes back to a task knows that it is one.
    const tasked = this.isTask ? [] : [this.#tasked.promise];
    const asked = () => this.#questions.told().then((questions) => questions && this.#standing(questions));
    const cancelled = (): void => void (this.#caller === caller && this.#stop.abort());
    try {
      return await firstReached<Settled | Asked>(caller.signal, cancelled, () => [settled, asked(), ...tasked]);
    } finally {
      if (this.#caller === caller) this.#caller = undefined;
    }
  }

  /** How it stands, for who does not wait, hears nothing, and cancels nothing by leaving. */
  async #look(settled: Promise<Settled>): Promise<Settled | Asked> {
    return (await endIfNear(settled)) ?? this.#standing(this.#questions.open);
  }

  #standing(questions: Asked['questions'] = {}): Asked {
    const { id, session, digest } = this.#call;
    return { id, round: this.rounds, session: session.lineage, digest, questions, isTask: this.isTask };
  }
}
