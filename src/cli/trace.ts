/** `tollgate trace SESSION` and `tollgate audit verify`: the journal, for people and as a proof. */
import { entryWords } from '../domain/entry-words.ts';
import type { Entry } from '../domain/journal.ts';
import type { Ledger } from '../domain/ports.ts';
import { printable } from '../domain/printable.ts';
import { homeOf } from '../home.ts';
import { loadApprovers } from '../identity/approvers.ts';
import { EXIT, Exit } from './exit.ts';
import { timeOf, withLedger } from './ledger.ts';
import { judgeWords } from './recorded-words.ts';
import { colours } from './terminal.ts';

export const traceSession = (session: string, options: { json: boolean }): Promise<void> =>
  withLedger(async (ledger) => {
    const entries = await ledger.journal(session);
    if (entries.length === 0)
      throw new Exit(EXIT.refused, [`there is no session ${printable(session)}; tollgate sessions lists them`]);
    for (const entry of entries) {
      const given =
        (entry.kind === 'intent' || entry.kind === 'refused') && entry.call !== undefined
          ? await ledger.content(entry.call, 'arguments')
          : undefined;
      process.stdout.write(options.json ? `${JSON.stringify({ ...entry, arguments: given })}\n` : line(entry, given));
    }
  });

export const verifyJournal = (): Promise<void> =>
  withLedger(async (ledger: Ledger) => {
    const faults = await ledger.verify();
    const approvers = loadApprovers(homeOf(process.env).approvers);
    const { good, altered, unknown } = await judgeWords(ledger, approvers, timeOf(ledger));
    if (faults.length + altered.length > 0) throw new Exit(EXIT.refused, [...faults.map(printable), ...altered]);
    process.stdout.write('Every chain is whole.\n');
    if (good > 0)
      process.stdout.write(`${good} answer${good === 1 ? ' is' : 's are'} proven by who is enrolled here.\n`);
    for (const line of unknown) process.stdout.write(`${line}.\n`);
  });

const MARK: Readonly<Record<Entry['kind'], (text: string) => string>> = {
  opened: colours.bold,
  state: colours.bold,
  policy: colours.bold,
  accepted: colours.bold,
  approver: colours.bold,
  intent: colours.cyan,
  outcome: colours.green,
  found: colours.yellow,
  refused: colours.red,
  held: colours.yellow,
  decided: colours.yellow,
  asked: colours.yellow,
  answered: colours.yellow,
  stopped: colours.red,
  lifted: colours.green,
  event: colours.dim,
  reported: colours.magenta,
};

function line(entry: Entry, given: string | undefined): string {
  const time = new Date(entry.at).toISOString().slice(11, 23);
  const words = entryWords(entry);
  const content = given === undefined ? '' : ` ${printable(given)}`;
  return `${String(entry.seq).padStart(4)}  ${time}  ${MARK[entry.kind](entry.kind.padEnd(8))} ${words.join(' ')}${content}\n`;
}
