/** Keeps to what the deployment says of retention: archives what is due, removes what was archived long enough ago. */
import type { Ledger } from '../domain/ports.ts';
import type { Result } from '../domain/result.ts';
import type { Retention } from '../domain/retention.ts';
import { archiveSession } from './archive-session.ts';
import { sweepUnfinished } from './write-whole.ts';

interface RetainOptions {
  readonly ledger: Ledger;
  readonly retention: Pick<Retention, 'sessions' | 'content'>;
  /** Where archived sessions are exported to. */
  readonly folder: string;
  readonly report: (line: string) => void;
}

/** Who it was, in the journal. */
const BY = 'tollgate';

/**
 * What is due at `now`, each session by itself. What the ledger refuses, since something happened meanwhile or another replica
 * did it, is left as it was; what cannot be done is reported, too. Both are due again the next time. Stops between two
 * sessions where `ending` aborts. Rejects with `LedgerFault` where the ledger cannot be asked.
 */
export async function retain(
  { ledger, retention, folder, report }: RetainOptions,
  now: number,
  ending?: AbortSignal,
): Promise<void> {
  const { content = retention.sessions, sessions } = retention;
  const due = await ledger.due({ content: before(now, content), sessions: before(now, sessions), at: now });
  if (due.archive.length > 0) await sweepUnfinished(folder, now);
  for (const session of due.archive) {
    if (ending?.aborted) return;
    const options = { ledger, folder, by: BY, why: 'retention', at: now };
    const trouble = await troubleOf(() => archiveSession(session, options));
    if (trouble !== undefined) report(`session ${session} could not be archived: ${trouble}`);
  }
  for (const session of due.remove) {
    if (ending?.aborted) return;
    const trouble = await troubleOf(() => ledger.remove(session, now));
    if (trouble !== undefined) report(`session ${session} could not be removed: ${trouble}`);
  }
}

const before = (now: number, kept: number | undefined): number | undefined =>
  kept === undefined ? undefined : now - kept;

async function troubleOf(work: () => Promise<Result<unknown, string>>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
