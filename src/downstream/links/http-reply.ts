/** Reads one HTTP response, JSON or server-sent events, as it arrives, and tells of its messages and its one end. */
import { StringDecoder } from 'node:string_decoder';
import type { Dispatcher } from 'undici';
import type { Challenge } from '../../domain/credential.ts';
import type { JsonValue } from '../../domain/json.ts';
import { SseParser } from '../../wire/sse.ts';
import { LARGEST_MESSAGE } from './channel.ts';

/** A server may keep a stream open after its answer; so long is waited for its end before the socket is given up. */
const END_WITHIN = 5_000;

/** How a response ended. */
export type Ending =
  | { readonly kind: 'complete'; readonly status: number; readonly streamed: boolean }
  | { readonly kind: 'too_large' }
  /** `sent`: whether some byte of the request may have left. `status`: where a response had begun. */
  | { readonly kind: 'failed'; readonly sent: boolean; readonly status: number | undefined; readonly fault: Error };

export interface Reader {
  begin(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  /** True when the response has nothing to add: a stream that stays open all the same is given up after a while. */
  message(message: JsonValue, status: number): boolean;
  /** Told exactly once. */
  end(ending: Ending): void;
}

export class HttpReply implements Dispatcher.DispatchHandler {
  readonly #reader: Reader;
  /** Streams that only push changes may grow without end; each event of theirs is still bounded. */
  readonly #endless: boolean;
  #controller: Dispatcher.DispatchController | undefined;
  #given: Error | undefined;
  #status: number | undefined;
  #stream: { readonly parser: SseParser; readonly decoder: StringDecoder } | undefined;
  #body: Buffer[] = [];
  #size = 0;
  #over = false;
  #lingering: NodeJS.Timeout | undefined;
  /** Told where the server says that it was not shown the right credential. */
  challenged: ((challenge: Challenge) => void) | undefined;

  constructor(reader: Reader, endless: boolean) {
    this.#reader = reader;
    this.#endless = endless;
  }

  /** Whether some byte of the request may have left. */
  get sent(): boolean {
    return this.#controller !== undefined;
  }

  /** Whether the response is a stream of events. */
  get streamed(): boolean {
    return this.#stream !== undefined;
  }

  /** The id of the last event that came whole; undefined where none came with one. */
  get lastEventId(): string | undefined {
    return this.#stream?.parser.lastEventId;
  }

  /** How long the server wants to be left alone when the stream has ended. Milliseconds. */
  get retry(): number | undefined {
    return this.#stream?.parser.retry;
  }

  /** Gives the exchange up. What has not been sent by now never will be. */
  giveUp(why: string): void {
    this.#given ??= new Error(why);
    this.#controller?.abort(this.#given);
  }

  /** Nothing of it will be sent. */
  fail(why: string): void {
    this.#finish({ kind: 'failed', sent: false, status: undefined, fault: new Error(why) });
  }

  /** The answer is here: the stream has nothing to add. */
  linger(): void {
    this.#lingering ??= setTimeout(() => this.giveUp('the stream was kept open after the answer'), END_WITHIN).unref();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#given !== undefined) controller.abort(this.#given);
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    if (status === 401 || status === 403) this.challenged?.({ status, header: challengeIn(headers) });
    const type = headers['content-type'];
    if (status < 300 && typeof type === 'string' && type.toLowerCase().startsWith('text/event-stream')) {
      this.#stream = { parser: new SseParser(LARGEST_MESSAGE), decoder: new StringDecoder('utf8') };
    }
    this.#reader.begin(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#size += piece.length;
    const stream = this.#stream;
    if (this.#size > LARGEST_MESSAGE && !(this.#endless && stream)) this.#tooLarge(controller);
    else if (stream === undefined) this.#body.push(piece);
    else {
      const events = stream.parser.push(stream.decoder.write(piece));
      if (!events.ok) this.#tooLarge(controller);
      else for (const event of events.value) this.#read(event);
    }
  }

  onResponseEnd(): void {
    const { streamed } = this;
    if (!streamed) this.#read((this.#body.length === 1 ? this.#body[0] : Buffer.concat(this.#body))?.toString() ?? '');
    this.#finish({ kind: 'complete', status: this.#status ?? 0, streamed });
  }

  onResponseError(_controller: Dispatcher.DispatchController, fault: Error): void {
    if (this.#over) return;
    this.#finish({ kind: 'failed', sent: this.sent, status: this.#status, fault });
  }

  #tooLarge(controller: Dispatcher.DispatchController): void {
    if (this.#over) return;
    this.#over = true;
    this.#finish({ kind: 'too_large' });
    controller.abort(new Error('the answer is too large'));
  }

  #finish(ending: Ending): void {
    clearTimeout(this.#lingering);
    this.#body = [];
    this.#reader.end(ending);
  }

  /** A text that is no JSON is no message; the end that follows says that no answer came. */
  #read(text: string): void {
    if (text === '') return;
    let message: JsonValue;
    try {
      message = JSON.parse(text) as JsonValue;
    } catch {
      return;
    }
    if (this.#reader.message(message, this.#status ?? 0)) this.linger();
  }
}

/** A server has several where it names several schemes. */
const challengeIn = ({ 'www-authenticate': said }: Readonly<Record<string, string | string[] | undefined>>) =>
  Array.isArray(said) ? said.join(', ') : said;
