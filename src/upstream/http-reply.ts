/** One HTTP answer: JSON where it comes at once, an event stream where there is something to say before it. */
import type { ServerResponse } from 'node:http';
import type { Progress } from '../domain/exchange.ts';
import type { Reply, Said } from './converse.ts';
import { beginBeating, endBeating } from './heartbeat.ts';

/** A progress step that only says "still waiting" counts this much, so that the server's own steps stay larger. */
const BEAT = 0.001;

export class HttpReply implements Reply {
  readonly signal: AbortSignal;
  readonly #response: ServerResponse;
  readonly #headers: Readonly<Record<string, string>>;
  #progressed = 0;
  #token: string | number | undefined;

  constructor(response: ServerResponse, signal: AbortSignal, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    this.signal = signal;
    this.#headers = headers;
  }

  /** A silent answer opens its stream before the client's first-byte clock runs out. */
  mayTakeLong(token: string | number | undefined): void {
    this.#token = token;
    beginBeating(this.#beat);
  }

  progress(token: string | number, step: Progress): void {
    this.#openStream();
    const value = step.progress > this.#progressed ? step.progress : this.#progressed + BEAT;
    this.#progressed = value;
    this.#notify(token, value, step.total, step.message);
  }

  waiting(token: string | number | undefined): AbortSignal {
    this.#token = token;
    const gone = new AbortController();
    if (this.#response.destroyed) gone.abort();
    this.#response.once('close', () => gone.abort());
    this.#beat();
    return gone.signal;
  }

  finish(said: Said): void {
    endBeating(this.#beat);
    if (this.#response.destroyed) return;
    if (this.#response.headersSent) {
      this.#response.end(`event: message\ndata: ${said.text}\n\n`);
      return;
    }
    this.#response.writeHead(said.status, {
      ...this.#headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(said.text),
    });
    this.#response.end(said.text);
  }

  readonly #beat = (): void => {
    this.#openStream();
    if (this.#token === undefined) {
      this.#response.write(': waiting\n\n');
      return;
    }
    this.#progressed += BEAT;
    this.#notify(this.#token, this.#progressed, undefined, 'waiting');
  };

  #openStream(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, {
      ...this.#headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
  }

  #notify(
    progressToken: string | number,
    progress: number,
    total: number | undefined,
    message: string | undefined,
  ): void {
    const params = {
      progressToken,
      progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message }),
    };
    this.#response.write(
      `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params })}\n\n`,
    );
  }
}
