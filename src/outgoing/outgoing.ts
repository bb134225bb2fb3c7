/** Requests that the gateway makes by itself: to issuers, to their key sets, to servers' metadata. */
import { Agent, fetch, type RequestInit, type Response } from 'undici';

/** Milliseconds until an answer has begun, and until it is whole. */
const ANSWERED_WITHIN = 10_000;

export interface Outgoing {
  /**
   * As `fetch`, but a redirect is an answer like any other and is never followed, and an answer that does not come is a
   * fault. Rejects with an error whose message may be told to the operator.
   */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export function openOutgoing(): Outgoing {
  const agent = new Agent({ headersTimeout: ANSWERED_WITHIN, bodyTimeout: ANSWERED_WITHIN });
  return {
    fetch: (url, init = {}) => fetch(url, { ...init, redirect: 'manual', dispatcher: agent }),
    close: () => agent.destroy(),
  };
}
