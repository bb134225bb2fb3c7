/** Server-sent events (WHATWG HTML 9.2.6), read as they arrive. Event names are read over: MCP gives them no meaning. */
import { ok, type Result, refuse } from '../domain/result.ts';

const LINE_END = /\r\n|\r|\n/g;
const DIGITS = /^[0-9]+$/;

export class SseParser {
  readonly #limit: number;
  /** Pieces of the line that has not ended yet; joined once, so that a long line costs no more than its length. */
  #pieces: string[] = [];
  #data: string[] = [];
  /** UTF-16 units held back in the open line and the open event. */
  #held = 0;
  #atStart = true;
  #endedInCr = false;
  /** The id of the event that has not ended yet: it counts once the event is whole. */
  #id: string | undefined;
  /** The id of the last whole event that named one, with data or without; undefined where none did, or it was taken back. */
  lastEventId: string | undefined;
  /** How long the server wants to be left alone when the stream has ended, in milliseconds; undefined where it did not say. */
  retry: number | undefined;

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
      this.lastEventId = this.#id;
      return data.length === 0 ? undefined : data.join('\n');
    }
    if (line.startsWith('data:')) this.#data.push(fieldValue(line, 5));
    else if (line === 'data') this.#data.push('');
    else {
      this.#held -= line.length;
      this.#readField(line);
    }
    return undefined;
  }

  #readField(line: string): void {
    if (line.startsWith('id:') || line === 'id') {
      const id = fieldValue(line, 3);
      if (!id.includes('\0')) this.#id = id === '' ? undefined : id;
    } else if (line.startsWith('retry:')) {
      const retry = fieldValue(line, 6);
      if (DIGITS.test(retry)) this.retry = Number(retry);
    }
  }
}

/** A field's value, without the one space that may stand before it. */
const fieldValue = (line: string, from: number): string => line.slice(line[from] === ' ' ? from + 1 : from);
