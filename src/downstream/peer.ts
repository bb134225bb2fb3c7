/**
 * A conversation with one server over one channel: our own ids and progress tokens, answers matched to requests,
 * deadlines and cancels, and what the server asks in between.
 */
import type { Answer, Progress, Question } from '../domain/exchange.ts';
import { isDeeper, isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { answerText, cancelText } from '../wire/outgoing.ts';
import type { Era } from '../wire/revisions.ts';
import type { Channel, Inbound, Origin, Reply } from './channel.ts';
import { type Notices, subscriptionOf } from './notices.ts';

const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;
/** What a legacy server may ask in the middle of a call. */
const ASKABLE = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list']);
/** Questions of one call that may wait at the same time. */
const MOST_QUESTIONS = 16;
/** The longest delay that a timer can hold. Milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** One request of ours. */
export interface PeerRequest {
  readonly method: string;
  readonly name?: string;
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
  readonly ask?: (question: Question) => Promise<Answer>;
  /** Told of the notifications of this subscription (`subscriptions/listen`). */
  readonly notice?: (method: string, params: JsonObject) => void;
}

interface Open {
  readonly request: PeerRequest;
  /** Ends every question that still waits for its answer. */
  readonly questions: Set<(answer: Answer) => void>;
  settle(reply: Reply): void;
}

/** Levels of objects and lists in what a server asks of the client. */
const DEEPEST_QUESTION = 64;

export class Peer<C extends Channel = Channel> implements Inbound {
  /** Set once the handshake knows it. */
  era: Era = 'modern';
  readonly channel: C;
  /** What servers tell unasked. */
  readonly notices: Notices;
  /** No `Map`: where entries come and go with every call, its outgrown tables hold them until a full collection. */
  readonly #open: Record<number, Open> = Object.create(null);
  #next = 1;

  constructor(openChannel: (inbound: Inbound) => C, notices: Notices) {
    this.notices = notices;
    this.channel = openChannel(this);
  }

  /** Sends a request and waits for its end. Never rejects. */
  request(request: PeerRequest): Promise<Reply> {
    if (request.signal?.aborted) {
      return Promise.resolve({ kind: 'lost', sent: false, why: 'cancelled by the caller before it was sent' });
    }
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const cancelled = () => this.#giveUp(id, 'cancelled by the caller');
    const timer =
      request.within === undefined
        ? undefined
        : setTimeout(() => this.#giveUp(id, request.late), Math.min(request.within, LONGEST_TIMER));
    request.signal?.addEventListener('abort', cancelled);
    const questions = new Set<(answer: Answer) => void>();
    const settle = (reply: Reply): void => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', cancelled);
      for (const refuse of questions) refuse({ ok: false, code: INTERNAL_ERROR, message: 'the call is over' });
      resolve(reply);
    };
    this.#open[id] = { request, questions, settle };
    const { method, name, parameters = {} } = request;
    this.channel.send({ id, era: this.era, method, name, parameters, text: request.text(id) });
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
    const open = this.#take(id);
    if (open === undefined) return;
    open.settle(reply);
  }

  endAll(why: string): void {
    for (const id of Object.keys(this.#open)) this.end(Number(id), { kind: 'lost', sent: true, why });
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
    if (method !== 'notifications/progress') {
      this.notices.receive(method, params);
      const subscription = subscriptionOf(method, params, origin);
      if (subscription !== undefined) this.#noticed(subscription, method, params);
      return;
    }
    if (!isObject(params)) return;
    const { progressToken: token, progress, total, message } = params;
    if (typeof token !== 'number' || typeof progress !== 'number') return;
    if (origin !== undefined && origin.id !== token) return;
    this.#open[token]?.request.progress?.({
      progress,
      total: typeof total === 'number' ? total : undefined,
      message: typeof message === 'string' ? message : undefined,
    });
  }

  /** A server may end a subscription by cancelling it, too (basic/patterns/cancellation.mdx). */
  #noticed(id: number, method: string, params: JsonValue | undefined): void {
    const notice = this.#open[id]?.request.notice;
    if (notice === undefined) return;
    if (method === 'notifications/cancelled') this.#giveUp(id, 'the server ended the subscription');
    else notice(method, isObject(params) ? params : {});
  }

  async #asked(
    method: string,
    id: JsonValue,
    params: JsonValue | undefined,
    origin: Origin | undefined,
  ): Promise<void> {
    if (method === 'ping') return this.channel.tell(answerText(id, { ok: true, result: {} }));
    const isReadable = this.#mayAsk(method) && !isDeeper(params, DEEPEST_QUESTION);
    const open = isReadable ? this.#askable(origin) : undefined;
    const answer = open === undefined ? notFound(method) : await put(open, { method, params });
    return this.channel.tell(answerText(id, answer));
  }

  /** Servers of 2026-07-28 send no requests (basic/transports/stdio.mdx). */
  #mayAsk(method: string): boolean {
    return this.era === 'legacy' && ASKABLE.has(method);
  }

  /** The call that a server's question belongs to: the one whose stream carried it, or else the only one. */
  #askable(origin: Origin | undefined): Open | undefined {
    if (origin !== undefined) return this.#open[origin.id];
    const calls = Object.values(this.#open).filter((open) => open.request.ask !== undefined);
    return calls.length === 1 ? calls[0] : undefined;
  }
}

const notFound = (method: string): Answer => ({
  ok: false,
  code: METHOD_NOT_FOUND,
  message: `Method not found: ${method.slice(0, 100)}`,
});

/** Puts a question to whoever made the call; refused when nobody can be asked, or when the call ends meanwhile. */
function put(open: Open, question: Question): Promise<Answer> {
  const { ask } = open.request;
  if (ask === undefined || open.questions.size >= MOST_QUESTIONS) return Promise.resolve(notFound(question.method));
  const { promise, resolve } = Promise.withResolvers<Answer>();
  open.questions.add(resolve);
  ask(question)
    .catch((): Answer => ({ ok: false, code: INTERNAL_ERROR, message: 'the question could not be asked' }))
    .then((answer) => {
      open.questions.delete(resolve);
      resolve(answer);
    });
  return promise;
}

function errorReply(error: JsonObject, status: number | undefined): Reply {
  const { code, message, data } = error;
  if (typeof code !== 'number' || typeof message !== 'string') {
    return { kind: 'withheld', why: 'the answer is no valid JSON-RPC error' };
  }
  return { kind: 'error', code, message, data, status };
}
