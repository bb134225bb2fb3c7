/** One small JSON document of an issuer, whatever the issuer does: slow, endless, elsewhere or broken is a refusal. */
import type { RequestInit } from 'undici';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';

/** Milliseconds until all of it is there. */
const WITHIN = 5_000;

/** In bytes. */
const LARGEST = 256 * 1024;

export interface Fetched {
  readonly status: number;
  /** Undefined where it is no JSON. */
  readonly json: unknown;
  readonly text: string;
  readonly type: string | undefined;
}

/** Refuses with a phrase for the operator where no whole answer came. */
export async function fetchJson(
  outgoing: Pick<Outgoing, 'fetch'>,
  url: string,
  init: RequestInit = {},
): Promise<Result<Fetched, string>> {
  try {
    const response = await outgoing.fetch(url, {
      ...init,
      signal: AbortSignal.timeout(WITHIN),
    });
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of response.body ?? []) {
      size += piece.length;
      // Leaving the loop cancels what is still to come.
      if (size > LARGEST) return refuse(`${url} answered more than ${LARGEST / 1024} KiB`);
      pieces.push(piece);
    }
    const text = Buffer.concat(pieces).toString('utf8');
    const type = response.headers.get('content-type') ?? undefined;
    return ok({ status: response.status, json: jsonIn(text), text, type });
  } catch (fault) {
    return refuse(`${url} did not answer: ${wordsOf(fault)}`);
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What `fetch` says by itself ("fetch failed") has a cause, and what guards the way out says has one too. */
function wordsOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  if (fault.name === 'TimeoutError') return `not within ${WITHIN / 1000} seconds`;
  return fault.cause instanceof Error ? wordsOf(fault.cause) : fault.message;
}
