/** What servers log for whoever called them. */
import { type Line, LOG_LEVELS, type LogEntry, type LogLevel } from '../../domain/exchange.ts';
import { isDeeper, isObject, type JsonValue } from '../../domain/json.ts';

/** Entries of one exchange that are handed on; a flood ends there. */
const MOST_ENTRIES = 1_000;
/** The size of an entry's data, in characters of JSON, and its depth. What is more is dropped. */
const LARGEST_ENTRY = 64 * 1024;
const DEEPEST_ENTRY = 32;
const LONGEST_LOGGER = 100;

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
export const severityOf = (level: LogLevel): number => LOG_LEVELS.indexOf(level);

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
