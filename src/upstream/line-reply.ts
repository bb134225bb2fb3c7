import type { Progress } from '../domain/exchange.ts';
import { progressText } from '../wire/notices.ts';
import type { Reply } from './conversation.ts';
import { beginBeating, endBeating } from './heartbeat.ts';

/** The way back to a client, one message a line. */
export interface ClientLine {
  write(text: string): void;
  /** The client does not read what was written. */
  readonly isBehind: boolean;
}

/** A request's answer on a line-delimited connection. */
export class LineReply implements Reply {
  readonly signal: AbortSignal;
  readonly #line: ClientLine;
  #beat: (() => void) | undefined;
  #progressed = 0;
  #over = false;

  /** `signal` aborts when the request is cancelled and when the connection ends. */
  constructor(signal: AbortSignal, line: ClientLine) {
    this.signal = signal;
    this.#line = line;
  }

  gone(): AbortSignal {
    return this.signal;
  }

  say(message: string): void {
    if (!this.#over) this.#line.write(message);
  }

  tell(message: string): boolean {
    if (this.#line.isBehind) return false;
    this.say(message);
    return true;
  }

  progress(token: string | number, step: Progress): void {
    if (step.progress <= this.#progressed) return;
    this.#progressed = step.progress;
    this.tell(progressText(token, step));
  }

  /** A line may be silent as long as it likes. */
  mayTakeLong(): void {
    // Nothing runs out here but the client's own clock, which only progress stops: see `waiting`.
  }

  waiting(token: string | number | undefined): void {
    if (token === undefined) return;
    this.#beat = () =>
      this.progress(token, { progress: this.#progressed + 0.001, total: undefined, message: 'waiting' });
    this.#beat();
    beginBeating(this.#beat);
  }

  finish(): void {
    this.#over = true;
    if (this.#beat !== undefined) endBeating(this.#beat);
  }
}
