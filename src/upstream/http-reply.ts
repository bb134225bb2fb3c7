/** One HTTP answer: JSON where it comes at once, an event stream where there is something to say before it. */
import type { ServerResponse } from 'node:http';
import type { Progress } from '../domain/exchange.ts';
import type { Said } from '../wire/faults.ts';
import { progressText } from '../wire/notices.ts';
import type { Reply } from './conversation.ts';
import { EventStream } from './event-stream.ts';
import { beginBeating, endBeating } from './heartbeat.ts';
import { sendJson } from './send-json.ts';

/** A progress step that only says "still waiting" counts this much, so that the server's own steps stay larger. */
const BEAT = 0.001;

export class HttpReply implements Reply {
  readonly signal: AbortSignal;
  readonly #response: ServerResponse;
  readonly #stream: EventStream;
  #gone: AbortController | undefined;
  #progressed = 0;
  #token: string | number | undefined;

  constructor(response: ServerResponse, signal: AbortSignal) {
    this.#response = response;
    this.#stream = new EventStream(response);
    this.signal = signal;
  }

  gone(): AbortSignal {
    if (this.#gone === undefined) {
      const gone = new AbortController();
      this.#gone = gone;
      if (this.#response.destroyed) gone.abort();
      this.#response.once('close', () => gone.abort());
    }
    return this.#gone.signal;
  }

  /** A silent answer opens its stream before the client's first-byte clock runs out. */
  mayTakeLong(token: string | number | undefined): void {
    this.#token = token;
    beginBeating(this.#beat);
  }

  say(message: string): void {
    this.#stream.say(message);
  }

  tell(message: string): boolean {
    if (this.#stream.isBehind) return false;
    this.#stream.say(message);
    return true;
  }

  progress(token: string | number, step: Progress): void {
    const progress = step.progress > this.#progressed ? step.progress : this.#progressed + BEAT;
    this.#progressed = progress;
    this.tell(progressText(token, { ...step, progress }));
  }

  waiting(token: string | number | undefined): void {
    this.#token = token;
    this.#beat();
  }

  /** Hands over the answer, with these headers beside the usual ones. */
  finish(said: Said, headers: Readonly<Record<string, string>> = {}): void {
    endBeating(this.#beat);
    if (this.#stream.isOver) return;
    if (this.#stream.isOpen) this.#stream.end(said.text);
    else sendJson(this.#response, said, headers);
  }

  readonly #beat = (): void => {
    if (this.#token === undefined) this.#stream.beat();
    else this.progress(this.#token, { progress: this.#progressed, total: undefined, message: 'waiting' });
  };
}
