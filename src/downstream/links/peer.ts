/**
 * A conversation with one server over one channel: our own ids and progress tokens, answers matched to requests,
 * deadlines and cancels, and what the server asks in between.
 */
import type { Carried } from '../../domain/credential.ts';
import type { ListKind } from '../../domain/downstream.ts';
import { type Answer, cancelWords, type LogEntry, type Progress, type Question } from '../../domain/exchange.ts';
import { isDeeper, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { isRequestId } from '../../wire/message.ts';
import { answerText, cancelText } from '../../wire/outgoing.ts';
import type { Era } from '../../wire/revisions.ts';
import type { Channel, Inbound, Origin, Reply } from './channel.ts';
import type { EarlyQuestions } from './early-questions.ts';
import { readLogEntry } from './log-entries.ts';
import { Notices, subscriptionOf } from './notices.ts';
import { MOST_ASKED, MOST_QUESTIONS, notAsked, readQuestion } from './questions.ts';

const INTERNAL_ERROR = -32603;
/** The longest delay that a timer can hold. Milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** One request of ours. */
export interface PeerRequest {
  readonly method: string;
  readonly name?: string | undefined;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly text: (id: number) => string;
  /** Milliseconds until it is given up; undefined waits for as long as the channel lives. */
  readonly within: number | undefined;
  /** What is said when the time is up. */
  readonly late: string;
  /** Whether the server is told when we give up: never for `initialize`. */
  readonly cancellable: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: (step: Progress) => void;
  readonly log?: ((entry: LogEntry) => void) | undefined;
  /** How a legacy server's questions are put while this request is open; undefined where it may ask nothing. */
  readonly askable?: Askable | undefined;
  /** Undefined goes with what the connection carries. */
  readonly carried?: Carried | undefined;
  /** Told of the notifications of this subscription (`subscriptions/listen`). */
  readonly notice?: (method: string, params: JsonObject) => void;
}

/** Who can be asked while a request is open. */
interface Askable {
  /** Never rejects. */
  ask(question: Question): Promise<Answer>;
  /** Milliseconds that the server still has, once no question is open: `within` does not run meanwhile. */
  left(): number;
}

interface Open {
  readonly id: number;
  readonly request: PeerRequest;
  /** Ends every question that still waits for its answer. */
  readonly questions: Set<(answer: Answer) => void>;
  /** How many questions were put so far. */
  asked: number;
  timer: NodeJS.Timeout | undefined;
  settle(reply: Reply): void;
}

/** Levels of objects and lists in what a server asks of the client. */
const DEEPEST_QUESTION = 64;

/** The answer to a question whose call ended first. */
const OVER: Answer = { ok: false, code: INTERNAL_ERROR, message: 'the call is over' };

export class Peer<C extends Channel = Channel> implements Inbound {
  /** Set once the handshake knows it. */
  era: Era = 'modern';
  /** Set where its calls are of several sessions. */
  isShared = false;
  /** Set where a call will come that can put what the server asks before it. */
  early: EarlyQuestions | undefined;
  readonly channel: C;
  /** What the server tells unasked. */
  readonly notices: Notices;
  /** No `Map`: where entries come and go with every call, its outgrown tables hold them until a full collection. */
  readonly #open: Record<number, Open> = Object.create(null);
  #next = 1;

  constructor(openChannel: (inbound: Inbound) => C, listChanged: (list: ListKind) => void) {
    this.notices = new Notices(listChanged);
    this.channel = openChannel(this);
  }

  /** Sends a request and waits for its end. Never rejects. */
  request(request: PeerRequest): Promise<Reply> {
    const { askable } = request;
    const early = askable && this.early?.put((question) => askable.ask(question));
    return early === undefined ? this.#send(request) : early.then(() => this.#send(request));
  }

  #send(request: PeerRequest): Promise<Reply> {
    if (request.signal?.aborted) {
      const why = `${cancelWords(request.signal)} before it was sent`;
      return Promise.resolve({ kind: 'lost', sent: false, why });
    }
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const cancelled = () => this.#giveUp(id, request.signal === undefined ? '' : cancelWords(request.signal));
    const questions = new Set<(answer: Answer) => void>();
    const settle = (reply: Reply): void => {
      clearTimeout(open.timer);
      request.signal?.removeEventListener('abort', cancelled);
      for (const refuse of questions) refuse(OVER);
      resolve(reply);
    };
    const open: Open = {
      id,
      request,
      questions,
      asked: 0,
      timer: this.#startTimer(id, request, request.within),
      settle,
    };
    request.signal?.addEventListener('abort', cancelled);
    this.#open[id] = open;
    const { method, name, parameters = {}, carried } = request;
    this.channel.send({ id, era: this.era, method, name, parameters, text: request.text(id), carried });
    return promise;
  }

  tell(text: string): Promise<void> {
    return this.channel.tell(text);
  }

  receive(message: JsonValue, origin: Origin | undefined): void {
    // 2025-03-26 and older allow batches, of messages and not of batches.
    if (Array.isArray(message)) for (const one of message) if (isObject(one)) this.receive(one, origin);
    if (!isObject(message)) return;
    const { method, id } = message;
    if (typeof method !== 'string') this.#answered(message, origin);
    else if (id === undefined) this.#notified(method, message['params'], origin);
    else void this.#asked(method, id, message['params'], origin);
  }

  awaits(id: number): boolean {
    return this.#open[id] !== undefined;
  }

  end(id: number, reply: Reply): void {
    this.#take(id)?.settle(reply);
  }

  endAll(why: string): void {
    for (const id of Object.keys(this.#open)) this.end(Number(id), { kind: 'lost', sent: true, why });
  }

  #startTimer(id: number, { late }: PeerRequest, within: number | undefined): NodeJS.Timeout | undefined {
    if (within === undefined) return undefined;
    return setTimeout(() => this.#giveUp(id, late), Math.min(within, LONGEST_TIMER));
  }

  /** Takes a request off the list, so that whatever comes for it afterwards has no effect. */
  #take(id: number): Open | undefined {
    const open = this.#open[id];
    delete this.#open[id];
    return open;
  }

  #giveUp(id: number, why: string): void {
    const open = this.#take(id);
    if (open === undefined) return;
    const sent = this.channel.withdraw(id, open.request.cancellable ? cancelText(id, why) : undefined);
    const cancelled = open.request.signal?.aborted === true;
    const when = cancelled ? `${why} ${sent ? 'after' : 'before'} it was sent` : why;
    open.settle({ kind: 'lost', sent, why: sent || cancelled ? when : `it could not be sent in time: ${why}` });
  }

  /** An answer settles the request of its id, and on HTTP only the one whose response carried it. */
  #answered(message: JsonObject, origin: Origin | undefined): void {
    const { id, result, error } = message;
    const status = origin?.status;
    if (typeof id === 'number' && (origin === undefined || origin.id === id)) {
      if (isObject(error)) this.end(id, errorReply(error, status));
      else if ('result' in message) this.end(id, { kind: 'result', result });
      else this.end(id, { kind: 'withheld', why: 'the answer has neither result nor error' });
    } else if (origin !== undefined && (id === null || id === undefined) && isObject(error) && origin.status < 500) {
      this.end(origin.id, errorReply(error, status));
    }
  }

  #notified(method: string, params: JsonValue | undefined, origin: Origin | undefined): void {
    if (method === 'notifications/progress') this.#progressed(params, origin);
    else if (method === 'notifications/message') this.#logged(params, origin);
    else this.#noticed(method, params, origin);
  }

  #progressed(params: JsonValue | undefined, origin: Origin | undefined): void {
    if (!isObject(params)) return;
    const { progressToken: token, progress, total, message } = params;
    if (typeof token !== 'number' || typeof progress !== 'number' || !Number.isFinite(progress)) return;
    if (origin !== undefined && origin.id !== token) return;
    this.#open[token]?.request.progress?.({
      progress,
      total: typeof total === 'number' && Number.isFinite(total) ? total : undefined,
      message: typeof message === 'string' ? message : undefined,
    });
  }

  /** A server may end a subscription by cancelling it, too (basic/patterns/cancellation.mdx). */
  #noticed(method: string, params: JsonValue | undefined, origin: Origin | undefined): void {
    this.notices.receive(method, params);
    const id = subscriptionOf(method, params, origin);
    const notice = id === undefined ? undefined : this.#open[id]?.request.notice;
    if (id === undefined || notice === undefined) return;
    if (method === 'notifications/cancelled') this.#giveUp(id, 'the server ended the subscription');
    else notice(method, isObject(params) ? params : {});
  }

  /** A log that came on no request's own stream is of all that are open, where they are one session's: they cannot be told apart. */
  #logged(params: JsonValue | undefined, origin: Origin | undefined): void {
    if (origin === undefined && this.isShared) return;
    const open = origin === undefined ? Object.values(this.#open) : [this.#open[origin.id]];
    const curious = open.flatMap((one) => one?.request.log ?? []);
    const entry = curious.length === 0 ? undefined : readLogEntry(params);
    if (entry !== undefined) for (const log of curious) log(entry);
  }

  async #asked(
    method: string,
    id: JsonValue,
    params: JsonValue | undefined,
    origin: Origin | undefined,
  ): Promise<void> {
    // An id that is none could not be written out, however deep it is: there is nothing to answer.
    if (!isRequestId(id)) return;
    const tell = (answer: Answer): Promise<void> => this.channel.tell(answerText(id, answer));
    if (method === 'ping') return tell({ ok: true, result: {} });
    const question = this.#questionOf(method, params);
    if (question === undefined) return tell(notAsked(method));
    if (this.#askableFor(origin) !== undefined) return tell(await this.#answerTo(question, origin));
    if (origin === undefined && this.early?.keep(question, tell)) return;
    return tell(notAsked(method));
  }

  /** Servers of 2026-07-28 send no requests (basic/transports/stdio.mdx). */
  #questionOf(method: string, params: JsonValue | undefined): Question | undefined {
    const isReadable = this.era === 'legacy' && !isDeeper(params, DEEPEST_QUESTION);
    return isReadable ? readQuestion(method, params, undefined) : undefined;
  }

  async #answerTo(question: Question, origin: Origin | undefined): Promise<Answer> {
    let answer = notAsked(question.method);
    for (let open = this.#askableFor(origin); open !== undefined; open = this.#askableFor(origin)) {
      answer = await this.#put(open, question);
      // The call that ended was perhaps not the one that asks: another one puts the question again.
      if (answer !== OVER || origin !== undefined) return answer;
    }
    return answer;
  }

  /**
   * The call that a server's question belongs to: the one whose stream carried it. Else nothing says which, and any can put
   * it, since all are one session's and of one client's abilities: the oldest of those that put the fewest so far, for a
   * server asks in the order it is called.
   */
  #askableFor(origin: Origin | undefined): Open | undefined {
    if (origin !== undefined) return this.#open[origin.id];
    if (this.isShared) return undefined;
    let best: Open | undefined;
    for (const open of Object.values(this.#open)) {
      const askedLess = best === undefined || open.asked < best.asked;
      if (open.request.askable !== undefined && askedLess) best = open;
    }
    return best;
  }

  /** Puts a question to whoever made the call; refused when nobody can be asked, or when the call ends meanwhile. */
  #put(open: Open, question: Question): Promise<Answer> {
    const { questions } = open;
    const { askable } = open.request;
    if (askable === undefined || questions.size >= MOST_QUESTIONS || open.asked >= MOST_ASKED)
      return Promise.resolve(notAsked(question.method));
    const { promise, resolve } = Promise.withResolvers<Answer>();
    clearTimeout(open.timer);
    questions.add(resolve);
    open.asked++;
    void askable.ask(question).then((answer) => {
      questions.delete(resolve);
      if (questions.size === 0 && this.#open[open.id] === open) {
        open.timer = this.#startTimer(open.id, open.request, Math.max(askable.left(), 1));
      }
      resolve(answer);
    });
    return promise;
  }
}

function errorReply(error: JsonObject, status: number | undefined): Reply {
  const { code, message, data } = error;
  if (typeof code !== 'number' || !Number.isSafeInteger(code) || typeof message !== 'string') {
    return { kind: 'withheld', why: 'the answer is no valid JSON-RPC error' };
  }
  return { kind: 'error', code, message, data, status };
}
