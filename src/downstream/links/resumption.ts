/**
 * May the stream of a request be taken up where it dropped, and when? (2025-11-25, basic/transports, Resumability and
 * Redelivery.) Taking it up sends no request again: the server runs what it was asked once.
 */
import type { Ending, HttpReply } from './http-reply.ts';

/** So long is waited where the server names no time, and at least when taking it up has failed. Milliseconds. */
const UNSAID = 1_000;
/** It is never waited longer. Milliseconds. */
const LONGEST_WAIT = 30_000;
/** Tries in a row that reach no stream; the server is gone then, or has forgotten. */
const MOST_FAILURES = 5;
/** An id that is longer is not carried in a header. UTF-16 units. */
const LONGEST_ID = 1_024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what no header may hold.
const CONTROL = /[\x00-\x1f\x7f]/;

/** What a response has told of itself by its end. */
type Stream = Pick<HttpReply, 'streamed' | 'lastEventId' | 'retry'>;

export interface Resumption {
  /** Of the last event that came. */
  readonly lastEventId: string;
  /** Milliseconds to wait before it is tried. */
  readonly wait: number;
  /** What the server said last of how long to wait. Milliseconds. */
  readonly retry: number;
  /** Tries in a row that reached no stream. */
  readonly failures: number;
}

/** What the server of this stream asks for between one stream and the next. Milliseconds. */
export const waitOf = ({ retry }: Stream): number => Math.min(retry ?? 0, LONGEST_WAIT);

/** How the stream that has ended goes on; undefined where it cannot. `before`: how it was taken up the last time. */
export function resumptionOf(reply: Stream, ending: Ending, before: Resumption | undefined): Resumption | undefined {
  if (ending.kind === 'too_large') return undefined;
  if (!reply.streamed) return before === undefined ? undefined : another(ending, before);
  const lastEventId = reply.lastEventId ?? before?.lastEventId;
  if (lastEventId === undefined || lastEventId.length > LONGEST_ID || CONTROL.test(lastEventId)) return undefined;
  const retry = reply.retry === undefined ? (before?.retry ?? UNSAID) : Math.min(reply.retry, LONGEST_WAIT);
  // A stream that brought nothing at all is not asked for in a tight loop, whatever the server says.
  const isEmpty = reply.lastEventId === undefined;
  return { lastEventId, retry, wait: isEmpty ? Math.max(retry, UNSAID) : retry, failures: 0 };
}

/** No stream stood: what passes is tried again, later each time; a server that says no means it. */
function another(ending: Exclude<Ending, { kind: 'too_large' }>, before: Resumption): Resumption | undefined {
  const isPassing = ending.kind === 'failed' || ending.status >= 500;
  if (!isPassing || before.failures === MOST_FAILURES - 1) return undefined;
  const wait = Math.min(Math.max(before.wait * 2, UNSAID), LONGEST_WAIT);
  return { ...before, wait, failures: before.failures + 1 };
}

/** Event ids are UTF-8 on the stream, and again in the header. */
export const lastEventIdHeader = (lastEventId: string): string => Buffer.from(lastEventId, 'utf8').toString('latin1');
