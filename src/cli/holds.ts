/** `tollgate holds`, `approve`, `deny`: where a person answers, at a terminal. */
import { userInfo } from 'node:os';
import { answererOf, approvedWords, notApprover } from '../domain/agreement.ts';
import { type Amounts, amountWords } from '../domain/budget.ts';
import { isTool } from '../domain/contract.ts';
import { extensionProblem, kindsAsked } from '../domain/extension.ts';
import type { Decision, Hold } from '../domain/hold.ts';
import type { Ledger } from '../domain/ports.ts';
import { nameOf, personCaller } from '../domain/principal.ts';
import { printable } from '../domain/printable.ts';
import { productionAsked } from '../domain/production.ts';
import { isEnough } from '../domain/proof.ts';
import { termsWords } from '../domain/terms-words.ts';
import { homeOf } from '../home.ts';
import { type ApproverFile, createApprover, loadApprovers, type Signer, unlock } from '../identity/approvers.ts';
import { signedDecision } from '../identity/signed-decision.ts';
import { readExtension } from '../policy/file/extension.ts';
import { ago } from './ago.ts';
import { EXIT, Exit } from './exit.ts';
import { greetGateway } from './gateway-socket.ts';
import { timeOf, withLedger } from './ledger.ts';
import { shownLines } from './shown-lines.ts';
import { askPassphrase, colours, table } from './terminal.ts';

export const listHolds = (options: { all: boolean; json: boolean }): Promise<void> =>
  withLedger(async (ledger) => {
    const now = timeOf(ledger);
    const holds = await ledger.holds({ open: !options.all }, now);
    if (options.json) {
      process.stdout.write(`${JSON.stringify(holds)}\n`);
      return;
    }
    if (holds.length === 0) {
      process.stdout.write('No call waits for a person.\n');
      return;
    }
    const rows = holds.map((hold) => [
      hold.id,
      stateWords(hold),
      hold.target,
      ago(now - hold.placedAt),
      JSON.stringify(hold.effective),
      hold.agentReason === undefined ? '' : JSON.stringify(hold.agentReason),
    ]);
    const heads = ['hold', 'state', 'target', 'since', 'arguments', 'the agent says, unverified'];
    const isSaid = holds.some((hold) => hold.agentReason !== undefined);
    process.stdout.write(
      isSaid
        ? `${table(rows, heads)}\n`
        : `${table(
            rows.map((row) => row.slice(0, -1)),
            heads.slice(0, -1),
          )}\n`,
    );
  });

/** `extend`: how much more of the budgets that it asks for, as it was typed. */
export const answerHold = (
  id: string,
  answer: Pick<Decision, 'verdict' | 'because'>,
  extend: readonly string[] = [],
): Promise<void> =>
  withLedger(async (ledger) => {
    const hold = await openHold(ledger, id);
    const amounts = readExtension(extend, kindsAsked(hold));
    if (!amounts.ok) throw new Exit(EXIT.usage, [amounts.error]);
    const problem = extensionProblem(hold, { verdict: answer.verdict, extend: amounts.value });
    if (problem !== undefined) throw new Exit(EXIT.usage, [problem]);
    const stranger = notApprover(hold, answererOf(personCaller(userInfo().username)));
    if (stranger !== undefined) throw new Exit(EXIT.permission, [stranger]);
    if (answer.verdict === 'approve' && !isEnough(hold.terms.proof, ['passphrase']))
      throw new Exit(EXIT.permission, [
        `hold ${hold.id} takes a passkey, in a browser: tollgate open, then /holds/${hold.id}`,
      ]);
    process.stdout.write(shownHold(hold, amounts.value));
    const signer = await unlockedSigner(answer.verdict);
    const decision = signedDecision(signer, ledger.instance, hold, {
      ...answer,
      extend: amounts.value,
      groups: undefined,
      by: userInfo().username,
      at: timeOf(ledger),
    });
    const decided = await ledger.decide(hold.id, decision);
    if (!decided.ok) throw new Exit(EXIT.refused, [decided.error]);
    process.stdout.write(
      answer.verdict === 'approve'
        ? answeredWords(decided.value)
        : `${colours.red('Denied.')} The agent is told why.\n`,
    );
  });

async function openHold(ledger: Ledger, id: string): Promise<Hold> {
  const hold = await ledger.hold(id, timeOf(ledger));
  if (hold === undefined)
    throw new Exit(EXIT.refused, [`there is no hold ${printable(id)}; tollgate holds lists those that wait`]);
  if (hold.state !== 'open') throw new Exit(EXIT.refused, [`hold ${hold.id} is ${hold.state} and waits for nobody`]);
  return hold;
}

/** Everything that the answer binds to, in full, with nothing hidden in it. */
export function shownHold(hold: Hold, extend: Amounts = {}): string {
  const { bold, cyan, dim, yellow } = colours;
  const lines = [
    '',
    `  ${bold(hold.target)}  ${hold.effect === 'irreversible' ? yellow('irreversible') : hold.effect}`,
    ...Object.entries(hold.effective).map(
      ([name, value]) => `    ${cyan(printable(name))}: ${printable(JSON.stringify(value))}`,
    ),
    ...shownLines(hold.shown),
    ...(hold.agentReason === undefined
      ? []
      : ['', `  ${dim('the agent says, unverified:')} ${printable(JSON.stringify(hold.agentReason))}`]),
    '',
    `  asked by   ${printable(nameOf(hold.principal))}, session ${hold.session}`,
    ...hold.needs.map((need) => `  because    ${printable(need.reason ?? 'the rule asks for it')}  ${dim(need.rule)}`),
    ...approvalWords(hold).map((words) => `  approval   ${printable(words)}`),
    `  waits      until ${new Date(hold.expiresAt).toISOString()}`,
    ...Object.entries(extend).map(([kind, amount]) => `  extends    ${amountWords(kind, amount, 'of its currency')}`),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

const stateWords = (hold: Hold): string =>
  hold.state === 'open' && hold.terms.quorum > 1 ? `open, ${approvedWords(hold)}` : hold.state;

/** What its approval must be like beside the usual, and how far it has come. */
const approvalWords = (hold: Hold): readonly string[] => {
  const words = termsWords(hold.terms);
  const sofar = approvedWords(hold);
  const by = hold.decisions.map((one) => one.by).join(', ');
  return [
    ...(words.length === 0 ? [] : [words.join(', ')]),
    ...(sofar === undefined ? [] : [`${sofar}${by === '' ? '' : `: ${by}`}`]),
  ];
};

function answeredWords(hold: Hold): string {
  if (hold.state === 'approved') return approved(hold);
  const until = new Date(hold.expiresAt).toISOString();
  return `${colours.green('Approved.')} ${approvedWords(hold)}: it runs when the others have, too. It waits for them until ${until}.\n`;
}

function approved({ target, expiresAt, decisions, needs, terms }: Hold): string {
  const often = terms.uses === 1 ? 'once' : `up to ${terms.uses} times`;
  const how = isTool(target)
    ? `It runs ${often}, when the agent calls again or continues`
    : `It is given ${often}, when asked for again`;
  const raises =
    decisions.at(-1)?.extend === undefined ? '' : ' The budget rises then, for as long as the session lives.';
  const servers = productionAsked(needs);
  const opens =
    servers.length === 0
      ? ''
      : ` Its session may reach ${servers.join(', ')} (production) then, for as long as it lives.`;
  return `${colours.green('Approved.')} ${how}, until ${new Date(expiresAt).toLocaleTimeString()}.${raises}${opens}\n`;
}

/** This person's key, opened by the passphrase; made by the first passphrase, through the running gateway. */
export async function unlockedSigner(verdict: Decision['verdict'] | 'accept' | 'settle'): Promise<Signer> {
  const home = homeOf(process.env);
  const user = userInfo().username;
  const known = loadApprovers(home.approvers).find(user);
  const { file, passphrase } =
    known === undefined
      ? await firstApprover(user)
      : { file: known, passphrase: await asked(`Passphrase to ${verdict}: `) };
  const signer = await unlock(file, passphrase);
  if (!signer.ok) throw new Exit(EXIT.permission, [signer.error]);
  return signer.value;
}

/** Sets this person's passphrase. The gateway enrols the key, so that a key that merely lies in the folder proves nothing. */
async function firstApprover(user: string): Promise<{ file: ApproverFile; passphrase: string }> {
  process.stdout.write(
    `No passphrase is set for ${user}. Choose one; it signs your answers, and nothing can recover it.\n`,
  );
  const passphrase = await asked('New passphrase: ');
  const created = await createApprover(user, passphrase);
  if (!created.ok) throw new Exit(EXIT.permission, [created.error]);
  if ((await asked('Once more: ')) !== passphrase)
    throw new Exit(EXIT.permission, ['the two are not the same; nothing was set']);
  const greeted = await greetGateway(homeOf(process.env), { as: 'approver', file: created.value });
  greeted?.socket.destroy();
  if (greeted === undefined)
    throw new Exit(EXIT.unavailable, ['the gateway must run to set a first passphrase: start it (tollgate serve)']);
  if (!greeted.welcome.ok) throw new Exit(EXIT.permission, [greeted.welcome.problem]);
  return { file: created.value, passphrase };
}

async function asked(question: string): Promise<string> {
  const passphrase = await askPassphrase(question);
  if (!passphrase.ok) throw new Exit(EXIT.permission, [passphrase.error]);
  return passphrase.value;
}
