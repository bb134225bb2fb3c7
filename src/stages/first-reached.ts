/** How long is waited for an end that may be near, in milliseconds, where nobody waits longer. */
const SOON = 50;

/** What is reached first, while `signal` may cancel it. `racers` are asked again where one comes to nothing. */
export async function firstReached<T>(
  signal: AbortSignal,
  cancelled: () => void,
  racers: () => readonly Promise<T | undefined>[],
): Promise<T> {
  signal.addEventListener('abort', cancelled, { once: true });
  if (signal.aborted) cancelled();
  try {
    for (;;) {
      const reached = await Promise.race(racers());
      if (reached !== undefined) return reached;
    }
  } finally {
    signal.removeEventListener('abort', cancelled);
  }
}

/** The end where it is near. */
export async function endIfNear<T>(end: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const near = new Promise<undefined>((passed) => {
    timer = setTimeout(() => passed(undefined), SOON);
  });
  try {
    return await Promise.race([end, near]);
  } finally {
    clearTimeout(timer);
  }
}
