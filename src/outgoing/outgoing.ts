/** Requests that the gateway makes by itself: to issuers, to their key sets, to servers' metadata. */
import { Agent, fetch, Pool, type RequestInit, Response } from 'undici';
import { type ConnectTo, type Guard, guardedConnect } from './guarded-connect.ts';

/** Milliseconds until an answer is whole. */
const ANSWERED_WITHIN = 10_000;

/** Bytes of an answer, unpacked. */
const LARGEST_ANSWER = 1024 * 1024;

export interface Outgoing {
  /**
   * As `fetch`, but a redirect is an answer like any other and is never followed; the answer is read whole, at most
   * 1 MiB within ten seconds; and where it may not go, or no answer comes, it rejects with an `OutgoingFault`. What the
   * caller's own signal aborts rejects as that signal says.
   */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /**
   * Opens connections to servers whose URLs the operator wrote: to loopback as well, and with plain http into the private
   * ranges that are listed.
   */
  readonly toServer: ConnectTo;
  close(): Promise<void>;
}

/** No answer. The message may be told to the operator: it names the host, never the rest of the URL. */
export class OutgoingFault extends Error {
  override readonly name = 'OutgoingFault';
}

export interface OutgoingOptions extends Partial<Pick<Guard, 'private' | 'isWritten' | 'lookUp'>> {
  /** Milliseconds until an answer is whole; ten seconds by default. */
  readonly answeredWithin?: number;
}

/** Without options nothing is reached but https on public addresses. */
export function openOutgoing(options: OutgoingOptions = {}): Outgoing {
  const { private: ranges = [], isWritten = () => false, lookUp, answeredWithin = ANSWERED_WITHIN } = options;
  const connectTo = guardedConnect({ private: ranges, isWritten, plain: 'nowhere', lookUp });
  const agent = new Agent({
    factory: (origin, pool) => new Pool(origin, { ...pool, connect: connectTo(new URL(origin).origin) }),
  });
  return {
    fetch: async (url, init = {}) => {
      const to = new URL(url);
      const trouble = urlTrouble(to);
      if (trouble !== undefined) throw new OutgoingFault(trouble);
      const deadline = AbortSignal.timeout(answeredWithin);
      const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
      try {
        return await whole(await fetch(to, { ...init, redirect: 'manual', dispatcher: agent, signal }));
      } catch (fault) {
        init.signal?.throwIfAborted();
        const why = deadline.aborted ? `no whole answer came in ${answeredWithin / 1000} s` : reasonOf(fault);
        throw new OutgoingFault(`${to.host} cannot be asked: ${why}`, { cause: fault });
      }
    },
    toServer: guardedConnect({ private: ranges, isWritten: () => true, plain: 'listed', lookUp }),
    close: () => agent.destroy(),
  };
}

function urlTrouble({ protocol, host, username, password }: URL): string | undefined {
  if (!/^https?:$/.test(protocol)) return `a URL with ${protocol} is not asked, only https`;
  return username === '' && password === '' ? undefined : `a URL of ${host} holds a user name or password`;
}

/** Read to its end, so that nobody waits for it later without a bound. */
async function whole(response: Response): Promise<Response> {
  if (response.body === null) return response;
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body) {
    size += piece.length;
    if (size > LARGEST_ANSWER) throw new OutgoingFault(`its answer is larger than ${LARGEST_ANSWER >> 20} MiB`);
    pieces.push(piece);
  }
  const { status, statusText, headers } = response;
  return new Response(Buffer.concat(pieces), { status, statusText, headers });
}

/** The innermost cause: `fetch` itself only says that it failed. */
function reasonOf(fault: unknown): string {
  if (!(fault instanceof Error)) return 'it failed';
  const { cause } = fault;
  if (cause instanceof Error) return reasonOf(cause);
  return fault.message || ((fault as NodeJS.ErrnoException).code ?? fault.name);
}
