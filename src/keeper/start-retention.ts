/** Retention while the gateway runs. */
import type { Ledger, Now } from '../domain/ports.ts';
import type { Retention } from '../domain/retention.ts';
import { every } from './every.ts';
import { retain } from './retain.ts';

/** How often to look for what is due, in milliseconds. */
const PAUSE = 10 * 60_000;

interface Needed {
  readonly ledger: Ledger;
  readonly retention: Retention;
  /** The folder for archived sessions where the deployment names none. */
  readonly archive: string;
  readonly now: Now;
  readonly report: (line: string) => void;
}

/** Answers how to end it, which waits for the step that is under way. */
export function startRetention({ ledger, retention, archive, now, report }: Needed): () => Promise<void> {
  const folder = retention.archive ?? archive;
  const fault = (error: unknown): void =>
    report(`retention: ${error instanceof Error ? error.message : String(error)}`);
  return every(PAUSE, (ending) => retain({ ledger, retention, folder, report }, now(), ending), fault);
}
