/** One request to a receiver, and what its answer means. */
import type { Outgoing } from '../outgoing/outgoing.ts';
import { OutgoingFault } from '../outgoing/outgoing.ts';
import type { Message, Sent } from './receiver.ts';

/** Answers that the same request may get another one after: too early, too often, and faults of the receiver's own. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

interface Posting extends Pick<Message, 'signal'> {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Follows no redirect. Resolves to what the answer means, also where none came; nothing of the answer's body is told. */
export async function post(outgoing: Pick<Outgoing, 'fetch'>, { url, headers, body, signal }: Posting): Promise<Sent> {
  try {
    const { status } = await outgoing.fetch(url, { method: 'POST', headers, body, signal });
    if (status >= 200 && status < 300) return { ok: true };
    const why =
      status >= 300 && status < 400
        ? `it answered ${status}, which leads elsewhere: write the address where that leads`
        : `it answered ${status}`;
    return { ok: false, again: PASSING.has(status) || status >= 500, why };
  } catch (fault) {
    if (signal.aborted) return { ok: false, again: true, why: 'the gateway ends' };
    if (fault instanceof OutgoingFault) return { ok: false, again: true, why: fault.message };
    throw fault;
  }
}
