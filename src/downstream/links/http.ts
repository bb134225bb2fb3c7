/**
 * The HTTP channel (basic/transports/streamable-http.mdx): one POST a request, its answer as JSON or as a stream. Legacy
 * sessions are named by `Mcp-Session-Id`; redirects are never followed.
 */
import type { Pool } from 'undici';
import type { Credential } from '../../domain/credential.ts';
import { isObject, type JsonValue } from '../../domain/json.ts';
import { headersOf } from '../../wire/outgoing.ts';
import type { Authority } from './authority.ts';
import type { Channel, Inbound, Reply, Sending } from './channel.ts';
import { type Ending, HttpReply } from './http-reply.ts';
import { lastEventIdHeader, type Resumption, resumptionOf, waitOf } from './resumption.ts';
import { lost, unanswered } from './unanswered.ts';

/** Nothing hangs on notifications, on our answers to questions and on goodbyes: they get so long. Milliseconds. */
const TOLD_WITHIN = 2_000;
/** A stream that we ask for with GET begins so soon, or is not served. Milliseconds. */
const STANDS_WITHIN = 10_000;
const NO_TARGET = { method: '', name: undefined, parameters: {} };

/** A request under way: its response, or the time between two streams of it. */
interface Running {
  /** Whether some byte of the request may have left. */
  readonly sent: boolean;
  giveUp(why: string): void;
}

/** One request of HTTP, without what it is shown with. */
interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly body?: string;
  readonly headers: Record<string, string>;
  readonly headersTimeout: number;
}

type Had = Awaited<ReturnType<Authority['current']>>;

/** The legacy stream of unsolicited messages, or why there is none. */
export type Listening =
  | {
      readonly stands: true;
      /** Aborts when the stream has ended. */
      readonly ended: AbortSignal;
      /** What the server said by then of how long it wants to be left alone. Milliseconds. */
      wait(): number;
    }
  | { readonly stands: false; readonly reply: Reply };

/** Where a channel leads, and what is shown there. */
export interface HttpPlace {
  /** Of the origin of `url`: what is shown there goes nowhere else. */
  readonly pool: Pool;
  readonly url: URL;
  readonly authority: Authority | undefined;
}

export class HttpChannel implements Channel {
  /** The legacy session, and the revision that was agreed for it; both undefined with a modern server. */
  session: string | undefined;
  revision: string | undefined;
  readonly #pool: Pool;
  readonly #url: URL;
  readonly #inbound: Inbound;
  readonly #authority: Authority | undefined;
  /** No `Map`, for the reason that `Peer` gives. */
  readonly #running: Record<number, Running> = Object.create(null);
  #listening: HttpReply | undefined;
  readonly #over = new AbortController();

  constructor(inbound: Inbound, { pool, url, authority }: HttpPlace) {
    this.#inbound = inbound;
    this.#pool = pool;
    this.#url = url;
    this.#authority = authority;
  }

  get closing(): boolean {
    return this.#over.signal.aborted;
  }

  /** Aborts when the channel is closed. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  send(sending: Sending): void {
    const { id, method } = sending;
    const { session } = this;
    if (this.closing) {
      this.#inbound.end(id, { kind: 'lost', sent: false, why: 'the connection was closed' });
      return;
    }
    const reply: HttpReply = new HttpReply(
      {
        begin: (status, headers) => {
          const opened = headers['mcp-session-id'];
          if (method === 'initialize' && status < 300 && typeof opened === 'string') this.session = opened;
        },
        message: (message, status) => this.#hear(id, message, status),
        end: (ending) => {
          const isResumable = sending.era === 'legacy' && method !== 'initialize';
          const resumption = isResumable ? this.#resumption(id, reply, ending, undefined) : undefined;
          if (resumption !== undefined) return this.#resume(id, resumption, session);
          delete this.#running[id];
          this.#inbound.end(id, unanswered(this.#url.host, ending));
        },
      },
      method === 'subscriptions/listen',
    );
    this.#running[id] = reply;
    this.#dispatch(
      { method: 'POST', body: sending.text, headers: this.#headers(sending), headersTimeout: 0 },
      reply,
      sending.credential,
    );
  }

  /** Hands a message of this request's response on; true when it is an answer, after which nothing is to come. */
  #hear(id: number, message: JsonValue, status: number): boolean {
    this.#inbound.receive(message, { id, status });
    return isAnswer(message);
  }

  #resumption(id: number, reply: HttpReply, ending: Ending, before: Resumption | undefined): Resumption | undefined {
    return this.#inbound.awaits(id) ? resumptionOf(reply, ending, before) : undefined;
  }

  /** Takes the stream of a request up where it dropped. Whatever becomes of it, the request was sent and may have run. */
  #resume(id: number, at: Resumption, session: string | undefined): void {
    const end = (reply: Reply): void => {
      delete this.#running[id];
      this.#inbound.end(id, reply);
    };
    const timer = setTimeout(() => {
      if (this.session !== session) return end(lost('the stream ended before the answer came, and then the session'));
      const reply: HttpReply = new HttpReply(
        {
          begin: () => undefined,
          // What comes with a status that says no is about this stream, and not about the request.
          message: (message, status) => status < 300 && this.#hear(id, message, status),
          end: (ending) => {
            const next = this.#resumption(id, reply, ending, at);
            if (next !== undefined) return this.#resume(id, next, session);
            if (ending.kind === 'too_large') return end(unanswered(this.#url.host, ending));
            return end(lost('the stream ended before the answer came, and could not be taken up again'));
          },
        },
        false,
      );
      this.#running[id] = { sent: true, giveUp: (why) => reply.giveUp(why) };
      this.#get(reply, { 'last-event-id': lastEventIdHeader(at.lastEventId) });
    }, at.wait).unref();
    this.#running[id] = { sent: true, giveUp: () => clearTimeout(timer) };
  }

  tell(text: string): Promise<void> {
    // Of 2026-07-28 only requests are posted: closing the stream cancels, and servers ask nothing by themselves.
    if (this.revision === undefined) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const reply: HttpReply = new HttpReply(
      { begin: () => reply.linger(), message: () => false, end: () => resolve() },
      false,
    );
    this.#post(text, { ...headersOf('legacy', NO_TARGET), ...this.#sessionHeaders() }, reply, TOLD_WITHIN);
    return promise;
  }

  withdraw(id: number, cancel: string | undefined): boolean {
    const reply = this.#running[id];
    if (reply === undefined) return true;
    delete this.#running[id];
    reply.giveUp('withdrawn');
    if (reply.sent && cancel !== undefined) void this.tell(cancel);
    return reply.sent;
  }

  /** Opens the legacy stream of unsolicited messages (2025-11-25, basic/transports). Of a session there is one at a time. */
  listen(): Promise<Listening> {
    const { promise, resolve } = Promise.withResolvers<Listening>();
    const ended = new AbortController();
    const reply: HttpReply = new HttpReply(
      {
        begin: (status) => {
          if (reply.streamed) return resolve({ stands: true, ended: ended.signal, wait: () => waitOf(reply) });
          if (status >= 300) return undefined;
          resolve({ stands: false, reply: { kind: 'refused', status } });
          return reply.giveUp('no stream');
        },
        // Answers come on the stream of their request.
        message: (message, status) => {
          if (status < 300 && !isAnswer(message)) this.#inbound.receive(message, undefined);
          return false;
        },
        end: (ending) => {
          resolve({ stands: false, reply: unanswered(this.#url.host, ending) });
          ended.abort();
        },
      },
      true,
    );
    this.#listening = reply;
    this.#get(reply, {});
    return promise;
  }

  /** Ends the stream of unsolicited messages, where one stands. */
  stopListening(): void {
    this.#listening?.giveUp('listened to no more');
    this.#listening = undefined;
  }

  /** Says goodbye to a legacy session and drops what is in flight. */
  async close(): Promise<void> {
    this.#over.abort();
    this.stopListening();
    for (const [id, running] of Object.entries(this.#running)) {
      this.#inbound.end(Number(id), { kind: 'lost', sent: running.sent, why: 'the connection was closed' });
      running.giveUp('closing');
    }
    if (this.session === undefined) return;
    const headers = this.#sessionHeaders();
    this.session = undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const reply: HttpReply = new HttpReply(
      { begin: () => reply.giveUp('heard'), message: () => false, end: () => resolve() },
      false,
    );
    this.#dispatch({ method: 'DELETE', headers, headersTimeout: TOLD_WITHIN }, reply);
    await promise;
  }

  #get(reply: HttpReply, more: Readonly<Record<string, string>>): void {
    const headers = { ...this.#sessionHeaders(), accept: 'text/event-stream', ...more };
    this.#dispatch({ method: 'GET', headers, headersTimeout: STANDS_WITHIN }, reply);
  }

  #post(body: string, headers: Record<string, string>, reply: HttpReply, headersTimeout: number): void {
    this.#dispatch({ method: 'POST', body, headers, headersTimeout }, reply);
  }

  #dispatch(request: HttpRequest, reply: HttpReply, credential?: Credential): void {
    const authority = this.#authority;
    const send = (shown: Credential | undefined): void => {
      if (shown === undefined || authority === undefined) {
        this.#hand(request, reply);
        return;
      }
      reply.challenged = (challenge) => authority.refused(shown, challenge);
      this.#hand({ ...request, headers: { ...request.headers, [shown.header]: shown.value.reveal() } }, reply);
    };
    const had = credential === undefined ? authority?.current() : undefined;
    const shown = (one: Had): void => (one.ok ? send(one.value) : reply.fail(one.error));
    if (had === undefined) send(credential);
    else if (had instanceof Promise) void had.then(shown);
    else shown(had);
  }

  #hand(request: HttpRequest, reply: HttpReply): void {
    // Deadlines are the caller's: undici's own clocks would end calls that may take longer.
    const path = `${this.#url.pathname}${this.#url.search}`;
    this.#pool.dispatch({ ...request, path, bodyTimeout: 0 }, reply);
  }

  #headers(sending: Sending): Record<string, string> {
    const headers = headersOf(sending.era, sending);
    return sending.era === 'modern' || sending.method === 'initialize'
      ? headers
      : Object.assign(headers, this.#sessionHeaders());
  }

  #sessionHeaders(): Record<string, string> {
    const headers: Record<string, string> = {};
    if (this.session !== undefined) headers['mcp-session-id'] = this.session;
    // The header came with 2025-06-18; older servers do not know it.
    if (this.revision !== undefined && this.revision >= '2025-06-18') headers['mcp-protocol-version'] = this.revision;
    return headers;
  }
}

const isAnswer = (message: JsonValue): boolean => isObject(message) && message['method'] === undefined;
