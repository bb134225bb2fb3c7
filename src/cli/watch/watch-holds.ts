/** `tollgate holds --watch`: what waits for people, live; at a terminal they answer there. */
import { kindsAsked } from '../../domain/extension.ts';
import type { Hold } from '../../domain/hold.ts';
import { EXIT, Exit } from '../exit.ts';
import { answerHold, shownHold } from '../holds.ts';
import { timeOf, withLedger } from '../ledger.ts';
import { askLine } from './keyboard.ts';
import { looks } from './looks.ts';
import { printLooks } from './print-looks.ts';
import { WatchScreen } from './watch-screen.ts';

export const watchHolds = ({ json }: { readonly json: boolean }): Promise<void> =>
  withLedger(async (ledger) => {
    const enough = new AbortController();
    const all = looks(ledger, enough.signal);
    process.once('SIGINT', () => enough.abort());
    process.once('SIGTERM', () => enough.abort());
    // Whoever read it has gone.
    process.stdout.once('error', () => enough.abort());
    if (json || process.stdout.isTTY !== true) return printLooks(all, { json });
    const screen = new WatchScreen({
      now: () => timeOf(ledger),
      detail: shownHold,
      answer,
      quit: () => enough.abort(),
    });
    screen.open();
    try {
      for await (const look of all) screen.look(look);
    } finally {
      await screen.close();
    }
  });

/** As `tollgate approve` and `tollgate deny` do: everything is shown, then the passphrase is asked for. */
async function answer(hold: Hold, verdict: 'approve' | 'deny'): Promise<string> {
  const because = verdict === 'deny' ? await asked('Why, for the agent: ') : undefined;
  const kinds = verdict === 'approve' ? kindsAsked(hold) : [];
  const extend = kinds.length === 0 ? '' : await asked(`How much more of ${kinds.join(', ')} (50, 2.50, 30m): `);
  await answerHold(hold.id, { verdict, because }, extend.split(/\s+/).filter(Boolean));
  return `${hold.id} is ${verdict === 'approve' ? 'approved' : 'denied'}.`;
}

async function asked(question: string): Promise<string> {
  const line = await askLine(question);
  if (line === undefined) throw new Exit(EXIT.permission, ['Cancelled.']);
  return line;
}
