/** `tollgate trace SESSION` and `tollgate audit verify`: the journal, for people and as a proof. */
import type { Entry } from '../domain/journal.ts';
import { isObject, type JsonValue } from '../domain/json.ts';
import type { Ledger } from '../domain/ports.ts';
import { LOCAL } from '../domain/principal.ts';
import { printable } from '../domain/printable.ts';
import { EXIT, Exit } from './exit.ts';
import { withLedger } from './ledger.ts';
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
    if (faults.length > 0) throw new Exit(EXIT.refused, faults.map(printable));
    process.stdout.write('Every chain is whole.\n');
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
  const words = SHOWN.flatMap((name) => {
    const value = entry.body[name];
    const isDigest = typeof value === 'string' && value.startsWith('sha256:');
    return value === undefined || isDigest ? [] : [`${name}=${text(value)}`];
  });
  if (entry.body['observed'] !== undefined) words.push(observedWords(entry.body['observed']));
  if (entry.kind === 'opened') words.push(...callerWords(entry.body['principal']));
  const content = given === undefined ? '' : ` ${printable(given)}`;
  return `${String(entry.seq).padStart(4)}  ${time}  ${MARK[entry.kind](entry.kind.padEnd(8))} ${words.join(' ')}${content}\n`;
}

/** By which client a caller of an issuer came, and who acted for it. */
function callerWords(principal: JsonValue | undefined): readonly string[] {
  if (!isObject(principal) || principal['issuer'] === LOCAL) return [];
  const { client, actors } = principal;
  const acted = Array.isArray(actors) && actors.length > 0 ? [`actors=${text(actors)}`] : [];
  return [`client=${text(client)}`, ...acted];
}

/** What rules that only observe would have done. Nobody is to take them for rules that did it. */
const observedWords = (observed: JsonValue): string =>
  `observed, not enforced: ${(Array.isArray(observed) ? (observed as readonly JsonValue[]) : [])
    .flatMap((one) => (isObject(one) ? [`${text(one['would'])} by ${text(one['rule'])}`] : []))
    .join(', ')}`;

/** What a person looks for first; `--json` has the rest, digests too. */
const SHOWN = [
  'operation',
  'target',
  'effect',
  'labels',
  'reason',
  'kind',
  'rules',
  'needs',
  'why',
  'hold',
  'verdict',
  'by',
  'because',
  'outcome',
  'actors',
  'state',
  'verb',
  'profile',
  'server',
  'method',
  'type',
  'class',
  'amount',
  'answer',
  'of',
  'stop',
  'key',
];

const text = (value: JsonValue | undefined): string =>
  printable(typeof value === 'string' ? value : JSON.stringify(value));
