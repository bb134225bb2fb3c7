/** What tests of the downstream side share: an exchange to send, and servers to send it to. */
import { join } from 'node:path';
import { type Abilities, NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Answer, Exchange, LogEntry, LogLevel, Progress, Question } from '../../src/domain/exchange.ts';
import type { Operation } from '../../src/domain/operation.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';

const SERVERS = join(import.meta.dirname, 'servers');

/** Whoever has these can be asked anything. */
export const ALL_ABILITIES: Abilities = {
  elicitation: ['form', 'url'],
  sampling: { tools: true },
  roots: true,
  ui: undefined,
};

/** A stdio server from `test/support/servers`. */
export const stdioServer = (
  file: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  era?: 'modern' | 'legacy',
): ServerAddress => ({ kind: 'stdio', command: ['node', join(SERVERS, file), ...flags], env, cwd: SERVERS, era });

export interface Sent extends Exchange {
  readonly steps: Progress[];
  readonly entries: LogEntry[];
  readonly questions: Question[];
}

/**
 * One exchange of `name` with these canonical arguments, and what came of it meanwhile. Whoever answers can be asked
 * anything, unless `abilities` say otherwise.
 */
export function exchangeOf(
  name: string,
  canonical: string,
  options: {
    readonly operation?: Operation;
    readonly pin?: string;
    readonly within?: number;
    readonly signal?: AbortSignal;
    readonly abilities?: Abilities;
    readonly logLevel?: LogLevel;
    readonly answer?: (question: Question) => Promise<Answer>;
    readonly traceparent?: string;
  } = {},
): Sent {
  const steps: Progress[] = [];
  const entries: LogEntry[] = [];
  const questions: Question[] = [];
  return {
    operation: options.operation ?? 'tools/call',
    name,
    pin: options.pin,
    canonical,
    abilities: options.abilities ?? (options.answer === undefined ? NO_ABILITIES : ALL_ABILITIES),
    trace: { traceparent: options.traceparent, tracestate: undefined },
    deadline: Date.now() + (options.within ?? 30_000),
    line: {
      signal: options.signal ?? new AbortController().signal,
      progress: (step) => void steps.push(step),
      logLevel: options.logLevel,
      log: (entry) => void entries.push(entry),
      ask: undefined,
    },
    ask: (question) => {
      questions.push(question);
      return options.answer?.(question) ?? Promise.resolve({ ok: false, code: -32601, message: 'nobody is there' });
    },
    subscriber: undefined,
    steps,
    entries,
    questions,
  };
}

/** Resolves when `isSo` holds; looked at on every turn of the loop that something happens on. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
