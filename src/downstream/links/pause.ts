/** Waiting before another try. */
import { setTimeout as after } from 'node:timers/promises';

/** Milliseconds. */
const FIRST = 250;
const LONGEST = 60_000;

/** Milliseconds to wait after so many tries in a row that came to nothing. */
export const backoff = (tries: number): number => Math.min(FIRST * 2 ** tries, LONGEST);

/** Resolves after so many milliseconds, or when the signal aborts. Keeps no process alive. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  after(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);

/** Resolves when the first of these signals aborts, and leaves nothing on the others. */
export async function untilAborted(signals: readonly AbortSignal[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  for (const signal of signals) signal.addEventListener('abort', resolve);
  if (!signals.some(({ aborted }) => aborted)) await promise;
  for (const signal of signals) signal.removeEventListener('abort', resolve);
}
