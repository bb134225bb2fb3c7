/**
 * The load generator, a process of its own: keeps so many calls in flight for so long, checks that every answer carries its
 * call's argument back, and tells what it saw. Connections stay open from turn to turn.
 */
import { Pool } from 'undici';
import { argumentOf, bodyOf, headersOf } from './call.ts';

/** What the parent asks for. */
interface Turn {
  readonly url: string;
  readonly tool: string;
  readonly token: string | undefined;
  readonly inFlight: number;
  /** How long to start new calls. */
  readonly seconds: number;
}

export type Seen =
  | { readonly ok: true; readonly calls: number; readonly seconds: number; readonly p50: number; readonly p99: number }
  /** A call failed or was answered otherwise than expected: a measurement of something else. */
  | { readonly ok: false; readonly why: string };

/** More samples than this (32 MB) are not kept, so that memory stays bounded whatever the arguments. */
const MOST_CALLS = 4_000_000;

const pools = new Map<string, Pool>();
let count = 0;

function poolOf(origin: string): Pool {
  const known = pools.get(origin);
  if (known !== undefined) return known;
  const pool = new Pool(origin, { connections: 64, pipelining: 1 });
  pools.set(origin, pool);
  return pool;
}

/** Runs one turn. Latencies in milliseconds. */
function run(turn: Turn): Promise<Seen> {
  const { promise, resolve } = Promise.withResolvers<Seen>();
  const { origin, pathname } = new URL(turn.url);
  const pool = poolOf(origin);
  const headers = headersOf(turn.tool, turn.token);
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + turn.seconds * 1000;
  let open = 0;

  const finish = (): void => {
    const seconds = (performance.now() - start) / 1000;
    const sorted = Float64Array.from(latencies).sort();
    const quantile = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    resolve({ ok: true, calls: sorted.length, seconds, p50: quantile(0.5), p99: quantile(0.99) });
  };

  const next = (): void => {
    const began = performance.now();
    if (began >= end || latencies.length >= MOST_CALLS) {
      if (open === 0) finish();
      return;
    }
    open += 1;
    count += 1;
    const text = argumentOf(count);
    let status = 0;
    let body = '';
    const fail = (why: string): void => resolve({ ok: false, why });
    pool.dispatch(
      { path: pathname, method: 'POST', headers, body: bodyOf(count, turn.tool, text) },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, statusCode) => {
          status = statusCode;
        },
        onResponseData: (_, chunk) => {
          body += chunk.toString('latin1');
        },
        onResponseEnd: () => {
          open -= 1;
          latencies.push(performance.now() - began);
          if (status !== 200 || !body.includes(text)) fail(`HTTP ${status}: ${body.slice(0, 500)}`);
          else next();
        },
        onResponseError: (_, error) => fail(error.message),
      },
    );
  };

  for (let started = 0; started < turn.inFlight; started += 1) next();
  return promise;
}

process.once('disconnect', () => process.exit());
process.on('message', (turn: Turn) => {
  run(turn).then((seen) => process.send?.(seen));
});
