import { onTestFinished } from 'vitest';

/** How long the end may take: a gateway settles what is under way first. Milliseconds. */
const END_WITHIN = 60_000;

/** What ends with the running test, also with one that ran out of time: no process and no folder stays behind. */
export function endedWithTest(): AsyncDisposableStack {
  const ended = new AsyncDisposableStack();
  onTestFinished(() => ended.disposeAsync(), END_WITHIN);
  return ended;
}
