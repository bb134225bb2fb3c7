/** `tollgate sessions` and `tollgate session VERB`: the sessions, and what people do to them. */
import { userInfo } from 'node:os';
import { nameOf } from '../domain/principal.ts';
import { isOver, type SessionVerb, shownState } from '../domain/session.ts';
import { homeOf } from '../home.ts';
import { SessionFolders } from '../store/session-folders.ts';
import { EXIT, Exit } from './exit.ts';
import { gatewayRuns } from './gateway-socket.ts';
import { timeOf, withLedger } from './ledger.ts';
import { table } from './terminal.ts';
import { usedWords } from './used-words.ts';

export const listSessions = (options: { all: boolean; json: boolean }): Promise<void> =>
  withLedger(async (ledger) => {
    const there = await ledger.sessions(timeOf(ledger));
    const sessions = there.filter(({ session }) => options.all || !isOver(session));
    if (options.json) {
      process.stdout.write(`${JSON.stringify(sessions)}\n`);
      return;
    }
    if (sessions.length === 0) {
      process.stdout.write(
        there.length === 0 ? 'No session has been opened.\n' : 'No session is open; --all shows those that are over.\n',
      );
      return;
    }
    const rows = sessions.map((one) => [
      one.session.id,
      shownState(one),
      one.session.profile,
      nameOf(one.session.principal),
      one.session.folder ?? '-',
      usedWords(one.used),
    ]);
    process.stdout.write(`${table(rows, ['session', 'state', 'profile', 'principal', 'folder', 'used'])}\n`);
  });

export async function changeSession(verb: SessionVerb, session: string, because: string): Promise<void> {
  await withLedger(async (ledger) => {
    const changed = await ledger.change(session, verb, userInfo().username, because, timeOf(ledger));
    if (!changed.ok) throw new Exit(EXIT.refused, [changed.error]);
    if (isOver(changed.value)) await clearUp(session);
    process.stdout.write(`Session ${changed.value.id} is ${changed.value.state}.\n`);
  });
}

/** Whoever keeps something of a session that is over hears of it from the ledger. Where no gateway runs, its folder is all there is. */
async function clearUp(session: string): Promise<void> {
  const home = homeOf(process.env);
  if (!(await gatewayRuns(home))) new SessionFolders(home.sessions).remove(session);
}
