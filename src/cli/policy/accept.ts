/** `tollgate policy accept FILE`: a person puts a policy in force, or the pins of its servers, that is wider than the one before. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { readSource } from '../../document/source.ts';
import { type Accepted, acceptanceText, type PolicyTexts, textsDigest } from '../../domain/acceptance.ts';
import type { Lock } from '../../domain/lock.ts';
import type { Ledger } from '../../domain/ports.ts';
import type { Result } from '../../domain/result.ts';
import { homeOf } from '../../home.ts';
import { loadApprovers } from '../../identity/approvers.ts';
import { PolicyBook } from '../../policy/book.ts';
import { diffText } from '../../policy/lock/diff-text.ts';
import { lockDiff } from '../../policy/lock/lock-diff.ts';
import { readLock } from '../../policy/lock/read-lock.ts';
import { lastAccepted, widerThan } from '../../reload/last-accepted.ts';
import type { Version } from '../../reload/version.ts';
import { deploymentOf } from '../deployment.ts';
import { EXIT, Exit } from '../exit.ts';
import { greetGateway } from '../gateway-socket.ts';
import { unlockedSigner } from '../holds.ts';
import { withLedger } from '../ledger.ts';
import { colours, printable } from '../terminal.ts';
import { presentLock, readPinned } from './present-lock.ts';
import { paint } from './tell-differences.ts';
import { writeWhole } from './write-whole.ts';

interface AcceptOptions {
  readonly config: string | undefined;
  /** Also what the servers say now. */
  readonly pins: boolean;
  readonly yes: boolean;
}

export const acceptPolicy = (named: string, options: AcceptOptions): Promise<void> =>
  withLedger(async (ledger) => {
    const book = new PolicyBook(deploymentOf(options.config).servers);
    const file = resolve(named);
    const texts = options.pins ? await withPresentPins(file, options) : loaded(book.read(file));
    const next: Version = { texts, profile: loaded(book.compile(texts, undefined)) };
    const before = await acceptedBefore(ledger, next, file);
    const { replaced, lines } = widerThan(book, before, next);
    if (replaced === undefined || lines.length === 0) {
      if (options.pins) putLock(texts);
      process.stdout.write(replaced === undefined ? NEVER_IN_FORCE : NO_WIDER);
      return;
    }
    process.stdout.write(shown(next, lines, replaced.texts));
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
    const accepted = { profile: name, texts, at: word.at, proof: { ...word, signature } };
    const takeBack = options.pins ? putLock(texts) : () => undefined;
    try {
      await handOver(ledger, file, accepted, lines);
    } catch (fault) {
      takeBack();
      throw fault;
    }
  });

const NEVER_IN_FORCE = 'This profile was never in force: a gateway that starts with it takes the file as it is.\n';
const NO_WIDER = 'No wider than what was accepted last: it needs nobody to accept it.\n';

/** The policy as it is on disk, with its own lock as its servers would have it written now. */
async function withPresentPins(file: string, { config, yes }: AcceptOptions): Promise<PolicyTexts> {
  const pinned = readPinned(file, config);
  const { text } = await presentLock(pinned, yes);
  return { files: pinned.texts.files, lock: { file: pinned.lockFile, text } };
}

/** Writes the lock file, and gives what puts the file back that was there. */
function putLock({ lock }: PolicyTexts): () => void {
  if (lock === undefined) return () => undefined;
  const there = readSource(lock.file);
  if (!there.ok || there.value.text !== lock.text) writeWhole(lock.file, lock.text);
  return () => (there.ok ? writeWhole(lock.file, there.value.text) : rmSync(lock.file, { force: true }));
}

function loaded<T>(read: Result<T, readonly string[]>): T {
  if (!read.ok) throw new Exit(EXIT.config, read.error);
  return read.value;
}

function acceptedBefore(ledger: Ledger, { profile }: Version, named: string): Promise<readonly Accepted[]> {
  const approvers = loadApprovers(homeOf(process.env).approvers);
  const report = (line: string): void => void process.stderr.write(`${printable(line)}\n`);
  return lastAccepted({ ledger, approvers, report }, profile.name, [named, profile.file]);
}

/** What the person is shown of the policy and of its lock file, and signs for. */
function shown({ profile, texts }: Version, lines: readonly string[], before: PolicyTexts): string {
  const { bold, yellow, dim } = colours;
  const files = [...texts.files, ...(texts.lock === undefined ? [] : [texts.lock])];
  const pins = pinsShown(before, profile.lock);
  // What the lock lets in is shown in full below, where it can be.
  const said = pins === '' ? lines : lines.filter((line) => !line.startsWith('lock.'));
  const all = [
    '',
    `  ${bold(profile.name)} is ${yellow('WIDER')} than what was accepted last:`,
    ...said.map((line) => `    ${printable(line)}`),
    '',
    ...(pins === '' ? [] : ['  Its servers say otherwise than they did:', '', pins]),
    ...files.map(({ file }) => `  ${dim(printable(file))}`),
    '',
  ];
  return `${all.join('\n')}\n`;
}

/** In words, word for word; empty where nothing changed, or nothing was pinned before. */
function pinsShown({ lock }: PolicyTexts, next: Lock | undefined): string {
  const old = lock === undefined ? undefined : readLock(lock);
  return old?.ok === true && next !== undefined ? diffText(lockDiff(old.value, next), paint) : '';
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
