/** `tollgate session archive`: a session is exported whole, and its contents are erased. */
import { userInfo } from 'node:os';
import { homeOf } from '../home.ts';
import { archiveSession } from '../keeper/archive-session.ts';
import { archiveFolder } from '../keeper/retention.ts';
import { deploymentOf } from './deployment.ts';
import { EXIT, Exit } from './exit.ts';
import { timeOf, withLedger } from './ledger.ts';

export interface ArchiveOptions {
  readonly because: string;
  readonly config: string | undefined;
}

export async function archiveOne(session: string, { because, config }: ArchiveOptions): Promise<void> {
  const folder = archiveFolder(deploymentOf(config).retention, homeOf(process.env));
  await withLedger(async (ledger) => {
    const options = { ledger, folder, by: userInfo().username, why: because, at: timeOf(ledger) };
    const archived = await archiveSession(session, options);
    if (!archived.ok) throw new Exit(EXIT.refused, [archived.error]);
    process.stdout.write(`Session ${session} is archived: it is exported to ${archived.value}.\n`);
  });
}
