/** Waiting for what others do: a person who answers a hold, a caller whose identical call is under way. Writes nothing. */
import type { Settled } from '../domain/call.ts';
import type { ChangeKey, Ledger, Now } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';

type Repeated = Extract<Refusal, { reason: 'repeated' }>;

/** Resolves when the hold is no longer open, or when `signal` aborts. */
export const awaitAnswer =
  (ledger: Ledger, now: Now) =>
  async (hold: string, signal: AbortSignal): Promise<void> => {
    await untilFound(ledger, `hold:${hold}`, signal, async () => {
      const found = await ledger.hold(hold, now());
      return found?.state === 'open' ? undefined : true;
    });
  };

/** The outcome of a call, once it has one; undefined when `signal` aborts before. */
export const recall =
  (ledger: Ledger) =>
  ({ call, textOnly }: Repeated, signal: AbortSignal): Promise<Settled | undefined> =>
    untilFound(ledger, `call:${call}`, signal, async () => {
      const recorded = await ledger.recorded(call);
      return recorded && { id: call, outcome: recorded.outcome, recorded: { at: recorded.at, textOnly } };
    });

/** Listens before it looks, so that no change falls between the two. Undefined when `signal` aborts before it is found. */
export async function untilFound<T>(
  ledger: Ledger,
  key: ChangeKey,
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (;;) {
    const enough = new AbortController();
    const change = ledger.changed(key, AbortSignal.any([signal, enough.signal]));
    const found = await look();
    if (found !== undefined || signal.aborted) {
      enough.abort();
      return found;
    }
    await change;
    if (signal.aborted) return undefined;
  }
}
