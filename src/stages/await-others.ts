/** Waiting for what others do: a person who answers a hold, a caller whose identical call is under way. Writes nothing. */
import type { Settled } from '../domain/call.ts';
import type { Hold } from '../domain/hold.ts';
import type { Changing, Ledger, Now } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { makesCalls } from '../domain/session.ts';
import { stopRefusal } from './stopped.ts';

/** What a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

type Repeated = Extract<Refusal, { reason: 'repeated' }>;

/**
 * Resolves when the hold is no longer open or its call is stopped, with its session or alone, or when `signal` aborts. False
 * where nobody answered in time.
 */
export const awaitAnswer =
  (ledger: Ledger, now: Now) =>
  async (hold: string, signal: AbortSignal): Promise<boolean> => {
    const asked = await ledger.hold(hold, now());
    if (asked?.state !== 'open') return asked?.state !== 'lapsed' || now() < asked.expiresAt;
    const lapse = AbortSignal.timeout(Math.min(asked.expiresAt - now(), LONGEST_TIMER));
    const keys: readonly Changing[] = [`hold:${hold}`, `session:${asked.session}`, 'stops'];
    await untilFound(ledger, keys, AbortSignal.any([signal, lapse]), async () => {
      const found = await ledger.hold(hold, now());
      return found?.state === 'open' && !(await isBarred(ledger, found, now())) ? undefined : true;
    });
    return signal.aborted || now() < asked.expiresAt || (await ledger.hold(hold, now()))?.state !== 'lapsed';
  };

async function isBarred(
  ledger: Ledger,
  { session: id, principal, target, digest }: Hold,
  at: number,
): Promise<boolean> {
  const session = (await ledger.look(id, at))?.session;
  if (session === undefined || !makesCalls(session)) return true;
  return (await stopRefusal(ledger, { id: '', session, principal }, { target, digest })) !== undefined;
}

/** The outcome of a call, once it has one; undefined when `signal` aborts before. */
export const recall =
  (ledger: Ledger) =>
  ({ call, textOnly }: Repeated, signal: AbortSignal): Promise<Settled | undefined> =>
    untilFound(ledger, [`call:${call}`], signal, async () => {
      const recorded = await ledger.recorded(call);
      return recorded && { id: call, outcome: recorded.outcome, recorded: { at: recorded.at, textOnly } };
    });

/** Listens before it looks, so that no change falls between the two. Undefined when `signal` aborts before it is found. */
export async function untilFound<T>(
  ledger: Ledger,
  keys: readonly Changing[],
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (;;) {
    const enough = new AbortController();
    const until = AbortSignal.any([signal, enough.signal]);
    const change = Promise.race(keys.map((key) => ledger.changed(key, until)));
    change.catch(() => undefined); // where looking fails first, nobody waits for it
    const found = await look();
    if (found !== undefined || signal.aborted) {
      enough.abort();
      return found;
    }
    await change;
    enough.abort();
    if (signal.aborted) return undefined;
  }
}
