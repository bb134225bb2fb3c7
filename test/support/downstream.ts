/** What tests of the downstream side share: an exchange to send, and servers to send it to. */
import { join } from 'node:path';
import type { Answer, Exchange, Progress, Question } from '../../src/domain/exchange.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';

const SERVERS = join(import.meta.dirname, 'servers');

/** A stdio server from `test/support/servers`. */
export const stdioServer = (
  file: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ServerAddress => ({ kind: 'stdio', command: ['node', join(SERVERS, file), ...flags], env, cwd: SERVERS });

export interface Sent extends Exchange {
  readonly steps: Progress[];
  readonly questions: Question[];
}

/** One exchange of `tool` with these canonical arguments, and what came of it meanwhile. */
export function exchangeOf(
  tool: string,
  canonical: string,
  options: {
    readonly within?: number;
    readonly signal?: AbortSignal;
    readonly answer?: (question: Question) => Promise<Answer>;
    readonly traceparent?: string;
  } = {},
): Sent {
  const steps: Progress[] = [];
  const questions: Question[] = [];
  return {
    tool,
    canonical,
    trace: { traceparent: options.traceparent, tracestate: undefined },
    deadline: Date.now() + (options.within ?? 30_000),
    line: { signal: options.signal ?? new AbortController().signal, progress: (step) => void steps.push(step) },
    ask: (question) => {
      questions.push(question);
      return options.answer?.(question) ?? Promise.resolve({ ok: false, code: -32601, message: 'nobody is there' });
    },
    steps,
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
