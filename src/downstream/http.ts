/**
 * The HTTP channel (basic/transports/streamable-http.mdx): one POST a request, its answer as JSON or as a stream. Legacy
 * sessions are named by `Mcp-Session-Id`; redirects are never followed.
 */
import type { Pool } from 'undici';
import { isObject } from '../domain/json.ts';
import { headersOf } from '../wire/outgoing.ts';
import { type Channel, type Inbound, LARGEST_MESSAGE, type Reply, type Sending } from './channel.ts';
import { type Ending, HttpReply } from './http-reply.ts';

/** Nothing hangs on notifications, on our answers to questions and on goodbyes: they get so long. Milliseconds. */
const TOLD_WITHIN = 2_000;
const NO_TARGET = { method: '', name: undefined, parameters: {} };

export class HttpChannel implements Channel {
  /** The legacy session, and the revision that was agreed for it; both undefined with a modern server. */
  session: string | undefined;
  revision: string | undefined;
  readonly #pool: Pool;
  readonly #url: URL;
  readonly #inbound: Inbound;
  /** No `Map`, for the reason that `Peer` gives. */
  readonly #running: Record<number, HttpReply> = Object.create(null);
  #listening: HttpReply | undefined;
  closing = false;

  constructor(inbound: Inbound, pool: Pool, url: URL) {
    this.#inbound = inbound;
    this.#pool = pool;
    this.#url = url;
  }

  send(sending: Sending): void {
    const { id, method } = sending;
    if (this.closing) {
      this.#inbound.end(id, { kind: 'lost', sent: false, why: 'the connection was closed' });
      return;
    }
    const reply: HttpReply = new HttpReply(
      {
        begin: (status, headers) => {
          const session = headers['mcp-session-id'];
          if (method === 'initialize' && status < 300 && typeof session === 'string') this.session = session;
        },
        message: (message, status) => {
          this.#inbound.receive(message, { id, status });
          if (isObject(message) && message['method'] === undefined) reply.linger();
        },
        end: (ending) => {
          delete this.#running[id];
          this.#inbound.end(id, this.#unanswered(ending));
        },
      },
      method === 'subscriptions/listen',
    );
    this.#running[id] = reply;
    this.#post(sending.text, this.#headers(sending), reply, 0);
  }

  tell(text: string): Promise<void> {
    // Of 2026-07-28 only requests are posted: closing the stream cancels, and servers ask nothing by themselves.
    if (this.revision === undefined) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const reply: HttpReply = new HttpReply(
      { begin: () => reply.linger(), message: () => undefined, end: () => resolve() },
      false,
    );
    this.#post(text, { ...headersOf('legacy', NO_TARGET), ...this.#sessionHeaders() }, reply, TOLD_WITHIN);
    return promise;
  }

  withdraw(id: number, cancel: string | undefined): boolean {
    const reply = this.#running[id];
    if (reply === undefined) return true;
    reply.giveUp('withdrawn');
    if (reply.sent && cancel !== undefined) void this.tell(cancel);
    return reply.sent;
  }

  /** Opens the legacy stream of unsolicited messages (2025-11-25, basic/transports). `over` is told when it ends. */
  listen(over: (served: boolean) => void): void {
    const reply = new HttpReply(
      {
        begin: (status) => {
          if (status >= 300) reply.giveUp('not served');
        },
        message: (message) => this.#inbound.receive(message, undefined),
        end: (ending) => over(ending.kind !== 'failed' || (ending.status ?? 500) < 300),
      },
      true,
    );
    this.#listening = reply;
    const headers = { ...this.#sessionHeaders(), accept: 'text/event-stream' };
    this.#dispatch({ method: 'GET', headers, headersTimeout: TOLD_WITHIN }, reply);
  }

  /** Says goodbye to a legacy session and drops what is in flight. */
  async close(): Promise<void> {
    this.closing = true;
    this.#listening?.giveUp('closing');
    for (const [id, reply] of Object.entries(this.#running)) {
      this.#inbound.end(Number(id), { kind: 'lost', sent: reply.sent, why: 'the connection was closed' });
      reply.giveUp('closing');
    }
    if (this.session === undefined) return;
    const headers = this.#sessionHeaders();
    this.session = undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const reply: HttpReply = new HttpReply(
      { begin: () => reply.giveUp('heard'), message: () => undefined, end: () => resolve() },
      false,
    );
    this.#dispatch({ method: 'DELETE', headers, headersTimeout: TOLD_WITHIN }, reply);
    await promise;
  }

  #post(body: string, headers: Record<string, string>, reply: HttpReply, headersTimeout: number): void {
    this.#dispatch({ method: 'POST', body, headers, headersTimeout }, reply);
  }

  #dispatch(
    request: {
      readonly method: 'POST' | 'GET' | 'DELETE';
      readonly body?: string;
      readonly headers: Record<string, string>;
      readonly headersTimeout: number;
    },
    reply: HttpReply,
  ): void {
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

  /** What a response says that ended without an answer to its request. */
  #unanswered(ending: Ending): Reply {
    if (ending.kind === 'too_large') {
      return { kind: 'withheld', why: `the answer is larger than ${LARGEST_MESSAGE >> 20} MiB` };
    }
    if (ending.kind === 'failed') {
      const why = ending.sent
        ? `the connection to ${this.#url.host} broke before the answer came (${causeOf(ending.fault)})`
        : `cannot connect to ${this.#url.host} (${causeOf(ending.fault)})`;
      return { kind: 'lost', sent: ending.sent, why };
    }
    const { status, streamed } = ending;
    if (status >= 300 && status < 500) return { kind: 'refused', status };
    const why = streamed
      ? 'the stream ended before the answer came'
      : `the server answered HTTP ${status} without an answer`;
    return { kind: 'lost', sent: true, why };
  }
}

function causeOf(fault: Error): string {
  const { code } = fault as NodeJS.ErrnoException;
  return code ?? fault.message;
}
