/** Server-sent events toward one client. */
import type { ServerResponse } from 'node:http';

/** A reader is behind when so many bytes wait for it. */
const BEHIND = 1024 * 1024;

export class EventStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get isOpen(): boolean {
    return this.#response.headersSent;
  }
  get isBehind(): boolean {
    return this.#response.writableLength > BEHIND;
  }
  /** Nothing can be written any more. */
  get isOver(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** One JSON-RPC message. */
  say(message: string): void {
    this.#write(`event: message\ndata: ${message}\n\n`);
  }

  /** A comment: it keeps idle clocks from running out, and clients read over it. */
  beat(): void {
    this.#write(': waiting\n\n');
  }

  end(message?: string): void {
    if (message !== undefined) this.say(message);
    if (!this.isOver) this.#response.end();
  }

  #write(text: string): void {
    if (this.isOver) return;
    if (!this.isOpen) {
      this.#response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
    }
    this.#response.write(text);
  }
}
