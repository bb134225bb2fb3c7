/** Reads a page that a tool shows (MCP Apps), to pin it. */
import { NO_ABILITIES } from '../domain/abilities.ts';
import type { Connection, Exchange } from '../domain/exchange.ts';
import { canonical } from '../domain/json.ts';
import type { Now } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { pageDigest } from '../policy/lock/pages.ts';

/** Milliseconds for one page. */
const PAGE_WITHIN = 30_000;

/** The digest of what a read of the page answers. */
export async function readPage(connection: Connection, uri: string, now: Now): Promise<Result<string, string>> {
  const exchange: Exchange = {
    operation: 'resources/read',
    name: uri,
    pin: undefined,
    canonical: canonical({ uri }),
    abilities: NO_ABILITIES,
    trace: { traceparent: undefined, tracestate: undefined },
    deadline: now() + PAGE_WITHIN,
    line: {
      signal: AbortSignal.timeout(PAGE_WITHIN),
      progress: () => undefined,
      logLevel: undefined,
      log: () => undefined,
      ask: undefined,
    },
    ask: async () => ({ ok: false, code: -32601, message: 'nobody is there to be asked' }),
    subscriber: undefined,
  };
  const outcome = await connection.call(exchange);
  if (outcome.outcome === 'ok') return ok(pageDigest(outcome.result));
  return refuse(`the page ${uri} cannot be read and is not pinned (${outcome.outcome})`);
}
