/** What servers log for whoever called them, and how much of it legacy servers are told to log. */
import { type Line, LOG_LEVELS, type LogEntry, type LogLevel } from '../domain/exchange.ts';
import { isDeeper, isObject, type JsonValue } from '../domain/json.ts';
import { requestText } from '../wire/outgoing.ts';
import type { Reply } from './channel.ts';
import type { PeerRequest } from './peer.ts';

/** Entries of one exchange that are handed on; a flood ends there. */
const MOST_ENTRIES = 1_000;
/** The size of an entry's data, in characters of JSON, and its depth. What is more is dropped. */
const LARGEST_ENTRY = 64 * 1024;
const DEEPEST_ENTRY = 32;
const LONGEST_LOGGER = 100;
/** How long a call waits for a server that is told its level. Milliseconds. */
const LEVEL_WITHIN = 2_000;

/** The entry of a `notifications/message`; undefined where it is none, or too much. */
export function readLogEntry(params: JsonValue | undefined): LogEntry | undefined {
  if (!isObject(params)) return undefined;
  const { level, logger, data } = params;
  if (!isLogLevel(level) || data === undefined || isDeeper(data, DEEPEST_ENTRY)) return undefined;
  if (JSON.stringify(data).length > LARGEST_ENTRY) return undefined;
  return { level, logger: typeof logger === 'string' ? logger.slice(0, LONGEST_LOGGER) : undefined, data };
}

const isLogLevel = (level: JsonValue | undefined): level is LogLevel =>
  (LOG_LEVELS as readonly unknown[]).includes(level);

/** Lower is more verbose. */
const severityOf = (level: LogLevel): number => LOG_LEVELS.indexOf(level);

/** Hands on what the caller wants to hear of one exchange; undefined where that is nothing. */
export function logTo(line: Line): ((entry: LogEntry) => void) | undefined {
  if (line.logLevel === undefined) return undefined;
  const least = severityOf(line.logLevel);
  let heard = 0;
  return (entry) => {
    if (severityOf(entry.level) < least || heard === MOST_ENTRIES) return;
    heard++;
    line.log(entry);
  };
}

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
