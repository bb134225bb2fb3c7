/** Retention while the gateway runs: what is due is looked for at the start, and from time to time. */
import type { Ledger, Now } from '../domain/ports.ts';
import type { Result } from '../domain/result.ts';
import type { Retention } from '../domain/retention.ts';
import type { Home } from '../home.ts';
import { archiveSession } from './archive-session.ts';
import { retain } from './retain.ts';

/** Milliseconds. */
const EVERY = 10 * 60_000;

interface RetentionOptions {
  readonly ledger: Ledger;
  readonly home: Pick<Home, 'archive'>;
  readonly retention: Retention;
  readonly now: Now;
  readonly report: (line: string) => void;
}

interface RetentionKept {
  /** Archives a session now, where a person asks for it. Settles as `archiveSession` does. */
  readonly archive: (session: string, by: string, why: string) => Promise<Result<string, string>>;
  /** Resolves when the session that is being archived or removed is. */
  readonly end: () => Promise<void>;
}

/** Where archived sessions are exported to: the folder that the deployment names, or that in Tollgate's own. */
export const archiveFolder = ({ archive }: Retention, home: Pick<Home, 'archive'>): string => archive ?? home.archive;

/** Looks for nothing where everything is kept. */
export function keepRetention({ ledger, home, retention, now, report }: RetentionOptions): RetentionKept {
  const folder = archiveFolder(retention, home);
  const ending = new AbortController();
  let round: Promise<void> | undefined;
  const look = (): void => {
    round ??= retain({ ledger, retention, folder, report }, now(), ending.signal)
      .catch((error: unknown) => report(`retention: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => {
        round = undefined;
      });
  };
  const keepsAll = retention.content === undefined && retention.sessions === undefined;
  const timer = keepsAll ? undefined : setInterval(look, EVERY).unref();
  if (!keepsAll) look();
  return {
    archive: (session, by, why) => archiveSession(session, { ledger, folder, by, why, at: now() }),
    end: async () => {
      ending.abort();
      clearInterval(timer);
      await round;
    },
  };
}
