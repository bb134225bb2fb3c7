/** Retention while the gateway runs: what is due is looked for at the start, and from time to time. */
import type { Ledger, Now } from '../domain/ports.ts';
import type { Retention } from '../domain/retention.ts';
import { retain } from './retain.ts';

/** Milliseconds. */
const EVERY = 10 * 60_000;

interface RetentionOptions {
  readonly ledger: Ledger;
  readonly retention: Retention;
  /** The folder for archived sessions where the deployment names none. */
  readonly archive: string;
  readonly now: Now;
  readonly report: (line: string) => void;
}

interface RetentionKept {
  /** Resolves when the session that is being archived or removed is. */
  readonly end: () => Promise<void>;
}

/** Has nothing to do where everything is kept. */
export function keepRetention({ ledger, retention, archive, now, report }: RetentionOptions): RetentionKept {
  if (retention.content === undefined && retention.sessions === undefined) return { end: async () => undefined };
  const keeping = { ledger, retention, folder: retention.archive ?? archive, report };
  const ending = new AbortController();
  let round: Promise<void> | undefined;
  const look = (): void => {
    round ??= retain(keeping, now(), ending.signal)
      .catch((error: unknown) => report(`retention: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => {
        round = undefined;
      });
  };
  look();
  const timer = setInterval(look, EVERY).unref();
  return {
    end: async () => {
      ending.abort();
      clearInterval(timer);
      await round;
    },
  };
}
