/** `tollgate session export`: a session whole, as JSON lines. */
import { once } from 'node:events';
import { basename, dirname, resolve } from 'node:path';
import { printable } from '../domain/printable.ts';
import { exportSession } from '../keeper/export-session.ts';
import { writeWhole } from '../keeper/write-whole.ts';
import { EXIT, Exit } from './exit.ts';
import { withLedger } from './ledger.ts';

export interface ExportOptions {
  readonly digests: boolean;
  readonly out: string | undefined;
}

export const exportOne = (session: string, { digests, out }: ExportOptions): Promise<void> =>
  withLedger(async (ledger) => {
    const exported = await exportSession(ledger, session, { contents: !digests });
    if (exported === undefined)
      throw new Exit(EXIT.refused, [`there is no session ${printable(session)}; tollgate sessions lists them`]);
    if (out !== undefined) {
      const path = resolve(out);
      await writeWhole(dirname(path), basename(path), exported.lines);
      process.stdout.write(`Session ${session} is exported to ${out}.\n`);
      return;
    }
    for await (const line of exported.lines) {
      if (!process.stdout.write(line)) await once(process.stdout, 'drain');
    }
  });
