/**
 * What a legacy HTTP server says on no request's stream: questions and logs, of servers that do not say which call they are
 * about. It comes on one stream a session (2025-11-25, basic/transports).
 */
import type { Link } from './link.ts';
import { isFinal } from './link.ts';
import { backoff, pause } from './pause.ts';

/** Streams in a row that came to nothing; then the server is taken to serve none. */
const MOST_TRIES = 5;
/** A server may say nothing at all, not even that it serves the stream, until it has something to say. Milliseconds. */
const STANDS_WITHIN = 1_000;

/** Keeps that stream open for as long as the link lives. Resolves when it stands, is not served, or has had time to. */
export function hearUnasked({ hear, over: signal }: Link): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const keep = async (): Promise<void> => {
    for (let tries = 0; hear !== undefined && tries < MOST_TRIES && !signal.aborted; tries++) {
      const stands = (): void => {
        tries = 0;
        resolve();
      };
      const over = await hear({ signal, stands });
      if (isFinal(over)) break;
      resolve();
      await pause(Math.max(backoff(tries), over.wait), signal);
    }
    resolve();
  };
  void keep();
  return Promise.race([promise, pause(STANDS_WITHIN, signal)]);
}
