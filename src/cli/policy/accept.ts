/** `tollgate policy accept FILE`: a person puts a policy in force that is wider than the one before. */
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { type Accepted, acceptanceText, textsDigest } from '../../domain/acceptance.ts';
import type { Ledger } from '../../domain/ports.ts';
import type { Result } from '../../domain/result.ts';
import { homeOf } from '../../home.ts';
import { loadApprovers } from '../../identity/approvers.ts';
import { PolicyBook } from '../../policy/book.ts';
import { lastAccepted, widerThan } from '../../reload/last-accepted.ts';
import type { Version } from '../../reload/version.ts';
import { deploymentOf } from '../deployment.ts';
import { EXIT, Exit } from '../exit.ts';
import { greetGateway } from '../gateway-socket.ts';
import { unlockedSigner } from '../holds.ts';
import { withLedger } from '../ledger.ts';
import { colours, printable } from '../terminal.ts';

export const acceptPolicy = (named: string, { config }: { readonly config: string | undefined }): Promise<void> =>
  withLedger(async (ledger) => {
    const { servers } = deploymentOf(config);
    const book = new PolicyBook(servers);
    const file = resolve(named);
    const texts = loaded(book.read(file));
    const next: Version = { texts, profile: loaded(book.compile(texts, undefined)) };
    const before = await acceptedBefore(ledger, next, file);
    const { replaced, lines } = widerThan(book, before, next);
    if (replaced === undefined) {
      process.stdout.write('This profile was never in force: a gateway that starts with it takes the file as it is.\n');
      return;
    }
    if (lines.length === 0) {
      process.stdout.write('No wider than what was accepted last: it needs nobody to accept it.\n');
      return;
    }
    process.stdout.write(shown(next, lines));
    const signer = await unlockedSigner('accept');
    const word = {
      by: userInfo().username,
      at: Date.now(),
      nonce: randomBytes(16).toString('base64url'),
      replaces: textsDigest(replaced.texts),
      kid: signer.kid,
    };
    const { name } = next.profile;
    const signature = signer.sign(acceptanceText(ledger.instance, { profile: name, texts }, word));
    await handOver(ledger, file, { profile: name, texts, at: word.at, proof: { ...word, signature } }, lines);
  });

function loaded<T>(read: Result<T, readonly string[]>): T {
  if (!read.ok) throw new Exit(EXIT.config, read.error);
  return read.value;
}

function acceptedBefore(ledger: Ledger, { profile }: Version, named: string): Promise<readonly Accepted[]> {
  const approvers = loadApprovers(homeOf(process.env).approvers);
  const report = (line: string): void => void process.stderr.write(`${printable(line)}\n`);
  return lastAccepted({ ledger, approvers, report }, profile.name, [named, profile.file]);
}

function shown({ profile, texts }: Version, lines: readonly string[]): string {
  const { bold, yellow, dim } = colours;
  const files = [...texts.files, ...(texts.lock === undefined ? [] : [texts.lock])];
  const said = [
    '',
    `  ${bold(profile.name)} is ${yellow('WIDER')} than what was accepted last:`,
    ...lines.map((line) => `    ${printable(line)}`),
    '',
    ...files.map(({ file }) => `  ${dim(printable(file))}`),
    '',
  ];
  return `${said.join('\n')}\n`;
}

/** To the running gateway, which judges the signature first; or to the ledger, where the next gateway does. */
async function handOver(ledger: Ledger, policy: string, accepted: Accepted, lines: readonly string[]): Promise<void> {
  const { proof } = accepted;
  if (proof === undefined) return;
  const greeted = await greetGateway(homeOf(process.env), { as: 'acceptance', policy, proof });
  greeted?.socket.destroy();
  if (greeted !== undefined && !greeted.welcome.ok) throw new Exit(EXIT.refused, greeted.welcome.problem.split('\n'));
  if (greeted === undefined) {
    const kept = await ledger.accept(accepted, lines);
    if (!kept.ok) throw new Exit(EXIT.refused, [kept.error]);
  }
  const when =
    greeted === undefined ? 'It is in force when a gateway starts.' : 'It is in force from the next call on.';
  process.stdout.write(`${colours.green('Accepted.')} ${when}\n`);
}
