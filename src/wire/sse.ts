/**
 * Server-sent events (WHATWG HTML 9.2.6), read as they arrive. Only `data` matters to MCP: event names, ids and retry
 * times are read over, since a broken stream is never resumed here.
 */
import { ok, type Result, refuse } from '../domain/result.ts';

const LINE_END = /\r\n|\r|\n/g;

export class SseParser {
  readonly #limit: number;
  /** Pieces of the line that has not ended yet; joined once, so that a long line costs no more than its length. */
  #pieces: string[] = [];
  #data: string[] = [];
  /** UTF-16 units held back in the open line and the open event. */
  #held = 0;
  #atStart = true;
  #endedInCr = false;

  /** `limit`: the longest event, in UTF-16 units. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes the next piece of decoded text; gives the data of the events that it completes. Refused: an event over the limit. */
  push(text: string): Result<readonly string[], 'too_large'> {
    const events: string[] = [];
    let from = this.#skip(text);
    LINE_END.lastIndex = from;
    for (let end = LINE_END.exec(text); end !== null; end = LINE_END.exec(text)) {
      this.#hold(text.slice(from, end.index));
      const data = this.#endLine();
      if (this.#held > this.#limit) return refuse('too_large');
      if (data !== undefined) events.push(data);
      from = end.index + end[0].length;
    }
    this.#endedInCr = text === '' ? this.#endedInCr : text.endsWith('\r');
    this.#hold(text.slice(from));
    return this.#held > this.#limit ? refuse('too_large') : ok(events);
  }

  /** Where reading starts: after a byte order mark, and after the second half of a CR LF that was cut in two. */
  #skip(text: string): number {
    if (text === '') return 0;
    let from = 0;
    if (this.#atStart && text.startsWith('\uFEFF')) from = 1;
    this.#atStart = false;
    return this.#endedInCr && text[from] === '\n' ? from + 1 : from;
  }

  #hold(piece: string): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    this.#held += piece.length;
  }

  /** Ends the open line; gives the event's data when the line was the blank one that ends an event with data. */
  #endLine(): string | undefined {
    const line = this.#pieces.join('');
    this.#pieces = [];
    if (line === '') {
      const data = this.#data;
      this.#data = [];
      this.#held = 0;
      return data.length === 0 ? undefined : data.join('\n');
    }
    if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
    else if (line === 'data') this.#data.push('');
    else this.#held -= line.length;
    return undefined;
  }
}
