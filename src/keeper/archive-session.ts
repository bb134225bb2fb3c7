/** Archives a session: its export is on the disk before anything of it is erased, so that a crash in between loses nothing. */
import { createHash } from 'node:crypto';
import type { Ledger } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { exportSession } from './export-session.ts';
import { writeWhole } from './write-whole.ts';

export interface ArchiveOptions {
  readonly ledger: Ledger;
  /** Absolute path; made where it is not there, for this user only. */
  readonly folder: string;
  readonly by: string;
  readonly why: string;
  readonly at: number;
}

/**
 * Answers the file that the session was exported to, named by the session and how many entries it holds: who exports another
 * moment of the same session meanwhile replaces no file that an archived session relies on. Refuses with a sentence where
 * the ledger does, or where the session has gone on meanwhile. Rejects with `LedgerFault`, or with a system's error where
 * the file cannot be written.
 */
export async function archiveSession(session: string, options: ArchiveOptions): Promise<Result<string, string>> {
  const { ledger, folder, by, why, at } = options;
  const archivable = await ledger.archivable(session, at);
  if (!archivable.ok) return archivable;
  const exported = await exportSession(ledger, session, { contents: true });
  if (exported === undefined) return refuse(`There is no session ${session}.`);
  const { head, erased } = exported.outline;
  if (erased) return refuse(`The session ${session} is archived already.`);
  const hash = createHash('sha256');
  const file = await writeWhole(folder, `${session}-${head.seq}.jsonl`, digesting(exported.lines, hash));
  const digest = `sha256:${hash.digest('hex')}`;
  const archived = await ledger.archive({ session, head, export: digest, by, why, at });
  return archived.ok ? ok(file) : archived;
}

async function* digesting(lines: AsyncIterable<string>, hash: ReturnType<typeof createHash>): AsyncGenerator<string> {
  for await (const line of lines) {
    hash.update(line);
    yield line;
  }
}
