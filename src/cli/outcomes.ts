/** `tollgate outcomes`, `outcome`: calls that were sent and never answered, and where a person says what became of one. */
import { userInfo } from 'node:os';
import type { Finding, UnknownCall } from '../domain/finding.ts';
import type { Ledger } from '../domain/ports.ts';
import { nameOf } from '../domain/principal.ts';
import { printable } from '../domain/printable.ts';
import { homeOf } from '../home.ts';
import { signedFinding } from '../identity/signed-finding.ts';
import { ago } from './ago.ts';
import { EXIT, Exit } from './exit.ts';
import { greetGateway } from './gateway-socket.ts';
import { unlockedSigner } from './holds.ts';
import { timeOf, withLedger } from './ledger.ts';
import { colours, table } from './terminal.ts';

export const listOutcomes = (options: { all: boolean; json: boolean }): Promise<void> =>
  withLedger(async (ledger) => {
    const calls = await ledger.unknowns({ open: !options.all });
    if (options.json) {
      process.stdout.write(`${JSON.stringify(calls)}\n`);
      return;
    }
    if (calls.length === 0) {
      process.stdout.write('No outcome is unknown.\n');
      return;
    }
    const now = timeOf(ledger);
    const rows = calls.map((call) => [
      call.id,
      call.finding === undefined ? 'unknown' : WORDS[call.finding.outcome],
      call.target,
      ago(now - call.unknownSince),
      JSON.stringify(call.effective),
    ]);
    process.stdout.write(`${table(rows, ['call', 'outcome', 'target', 'since', 'arguments'])}\n`);
  });

const WORDS: Readonly<Record<Finding['outcome'], string>> = { executed: 'executed', not_executed: 'not executed' };

export interface FoundOptions {
  readonly executed: boolean;
  readonly notExecuted: boolean;
  readonly why: string;
}

export async function findOut(id: string, { executed, notExecuted, why }: FoundOptions): Promise<void> {
  if (executed === notExecuted)
    throw new Exit(EXIT.usage, ['say what you found out: either --executed or --not-executed']);
  await withLedger(async (ledger) => {
    const call = await openCall(ledger, id);
    const outcome = executed ? 'executed' : 'not_executed';
    process.stdout.write(shown(call, outcome));
    const signer = await unlockedSigner('settle');
    const found = { outcome, why, by: userInfo().username, at: timeOf(ledger) } as const;
    const finding = signedFinding(signer, ledger.instance, call, found);
    const greeted = await greetGateway(homeOf(process.env), { as: 'finding', call: id, finding });
    greeted?.socket.destroy();
    if (greeted === undefined)
      throw new Exit(EXIT.unavailable, ['the gateway must run to settle a call: start it (tollgate serve)']);
    if (!greeted.welcome.ok) throw new Exit(EXIT.refused, [greeted.welcome.problem]);
    const next = executed ? 'It is never sent again.' : 'The same call may be made again.';
    process.stdout.write(`${colours.green('Settled.')} ${next}\n`);
  });
}

async function openCall(ledger: Ledger, id: string): Promise<UnknownCall> {
  const call = await ledger.unknown(id);
  if (call === undefined)
    throw new Exit(EXIT.refused, [
      `no call ${printable(id)} has an unknown outcome; tollgate outcomes lists those that do`,
    ]);
  if (call.finding !== undefined)
    throw new Exit(EXIT.refused, [`${call.finding.by} found out already that it was ${WORDS[call.finding.outcome]}`]);
  return call;
}

/** Everything that the answer is about, in full, with nothing hidden in it. */
function shown(call: UnknownCall, outcome: Finding['outcome']): string {
  const { bold, cyan, dim, yellow } = colours;
  const lines = [
    '',
    `  ${bold(call.target)}  ${call.effect === 'irreversible' ? yellow('irreversible') : call.effect}`,
    ...Object.entries(call.effective).map(
      ([name, value]) => `    ${cyan(printable(name))}: ${printable(JSON.stringify(value))}`,
    ),
    ...(call.agentReason === undefined
      ? []
      : ['', `  ${dim('the agent says, unverified:')} ${printable(JSON.stringify(call.agentReason))}`]),
    '',
    `  asked by   ${printable(nameOf(call.principal))}, session ${call.session}`,
    `  sent       ${new Date(call.at).toISOString()}${call.lost === undefined ? '' : `; ${printable(call.lost)}`}`,
    `  you say    it was ${bold(WORDS[outcome])}`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}
