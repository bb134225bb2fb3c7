/**
 * Does `work` soon, and again `pause` milliseconds after each time it ended. What it throws goes to `fault`. Answers how to end
 * this: `work` hears of it by its signal, and is waited for.
 */
export function every(
  pause: number,
  work: (ending: AbortSignal) => Promise<void>,
  fault: (error: unknown) => void,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const ending = new AbortController();
  let working = Promise.resolve();
  const run = (): void => {
    working = work(ending.signal)
      .catch(fault)
      .then(() => next(pause));
  };
  const next = (wait: number): void => {
    if (!ending.signal.aborted) timer = setTimeout(run, wait).unref();
  };
  next(0);
  return () => {
    ending.abort();
    clearTimeout(timer);
    return working;
  };
}
