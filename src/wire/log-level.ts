import { LOG_LEVELS, type LogLevel } from '../domain/exchange.ts';

/** What a legacy client gets that set no level: the protocol leaves it to the server. */
export const UNSAID_LEVEL: LogLevel = 'info';

export const isLogLevel = (level: unknown): level is LogLevel => (LOG_LEVELS as readonly unknown[]).includes(level);
