/**
 * What a legacy HTTP server says on no request's stream: questions and logs, of servers that do not say which call they are
 * about. It comes on one stream a session (2025-11-25, basic/transports).
 */
import type { Now } from '../../domain/ports.ts';
import type { Link } from './link.ts';
import { isFinal } from './link.ts';
import { pause } from './pause.ts';
import { ShortStreams } from './short-streams.ts';

/** Streams in a row that came to nothing; then the server is taken to serve none. */
const MOST_TRIES = 5;
/** A server may say nothing at all, not even that it serves the stream, until it has something to say. Milliseconds. */
const STANDS_WITHIN = 1_000;

/** Keeps that stream open for as long as the link lives. Resolves when it stands, is not served, or has had time to. */
export function hearUnasked({ hear, over: signal }: Link, now: Now): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const keep = async (): Promise<void> => {
    const streams = new ShortStreams(now);
    const stands = (): void => {
      streams.stands();
      resolve();
    };
    for (let failed = 0; hear !== undefined && failed < MOST_TRIES && !signal.aborted; ) {
      const over = await hear({ signal, stands });
      if (isFinal(over)) break;
      resolve();
      const { hadStood, wait } = streams.ended(over.wait);
      failed = hadStood ? 0 : failed + 1;
      await pause(wait, signal);
    }
    resolve();
  };
  void keep();
  return Promise.race([promise, pause(STANDS_WITHIN, signal)]);
}
