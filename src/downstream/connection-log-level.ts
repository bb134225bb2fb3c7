/** How much a legacy server is told to log (2025-11-25, server/utilities/logging). Modern ones are told with each request. */
import { LOG_LEVELS, type LogLevel } from '../domain/exchange.ts';
import { requestText } from '../wire/outgoing.ts';
import type { Reply } from './links/channel.ts';
import { severityOf } from './links/log-entries.ts';
import type { PeerRequest } from './links/peer.ts';

/** How long a call waits for a server that is told its level. Milliseconds. */
const LEVEL_WITHIN = 2_000;

/** The level of one legacy connection: as verbose as its most curious exchange. That a server refuses it is no fault of the call. */
export class ConnectionLogLevel {
  readonly #request: (request: PeerRequest) => Promise<Reply>;
  #severity: number = LOG_LEVELS.length;
  #told: Promise<unknown> = Promise.resolve();

  constructor(request: (request: PeerRequest) => Promise<Reply>) {
    this.#request = request;
  }

  /** Tells the server where it logs less than this. Resolves when it has answered, or has had time to. */
  want(level: LogLevel): Promise<unknown> {
    if (severityOf(level) >= this.#severity) return this.#told;
    this.#severity = severityOf(level);
    this.#told = this.#request({
      method: 'logging/setLevel',
      text: (id) => requestText('legacy', id, 'logging/setLevel', { level }),
      within: LEVEL_WITHIN,
      late: 'it does not say whether it set the level of its log',
      cancellable: true,
    });
    return this.#told;
  }

  /** The server has forgotten what it was told. */
  forget(): void {
    this.#severity = LOG_LEVELS.length;
  }
}
