/** `tollgate policy accept FILE`: a person puts a policy in force, or the pins of its servers, that is wider than the one before. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { type Accepted, acceptanceText, type PolicyTexts, textsDigest } from '../../domain/acceptance.ts';
import type { Lock } from '../../domain/lock.ts';
import type { Ledger } from '../../domain/ports.ts';
import { printable } from '../../domain/printable.ts';
import type { Result } from '../../domain/result.ts';
import { homeOf } from '../../home.ts';
import { loadApprovers } from '../../identity/approvers.ts';
import { PolicyBook } from '../../policy/book.ts';
import { diffText } from '../../policy/lock/diff-text.ts';
import { lockDiff } from '../../policy/lock/lock-diff.ts';
import { readLock } from '../../policy/lock/read-lock.ts';
import { lastAccepted, widerThan } from '../../reload/last-accepted.ts';
import { isSameText, type Version } from '../../reload/version.ts';
import { deploymentOf } from '../deployment.ts';
import { EXIT, Exit } from '../exit.ts';
import { greetGateway } from '../gateway-socket.ts';
import { unlockedSigner } from '../holds.ts';
import { hasLedger, withLedger } from '../ledger.ts';
import { colours } from '../terminal.ts';
import { presentLock, readPinned } from './present-lock.ts';
import { paint } from './tell-differences.ts';
import { writeWhole } from './write-whole.ts';

interface AcceptOptions {
  readonly config: string | undefined;
  /** Also what the servers say now. */
  readonly pins: boolean;
  readonly yes: boolean;
}

/** What is to be accepted: the policy with the lock that is to hold it, beside the one that is on disk. */
interface Asked {
  readonly book: PolicyBook;
  readonly file: string;
  readonly onDisk: PolicyTexts;
  readonly next: Version;
}

export async function acceptPolicy(named: string, options: AcceptOptions): Promise<void> {
  const file = resolve(named);
  const { servers, issuers } = deploymentOf(options.config);
  const book = new PolicyBook(servers, issuers);
  const onDisk = loaded(book.read(file));
  const texts = options.pins ? await withPresentPins(file, options) : onDisk;
  const asked = { book, file, onDisk, next: { texts, profile: loaded(book.compile(texts, undefined)) } };
  if (hasLedger()) await withLedger((ledger) => accept(ledger, asked));
  else takeUnsigned(asked, undefined);
}

async function accept(ledger: Ledger, asked: Asked): Promise<void> {
  const { book, file, next } = asked;
  const { texts } = next;
  const { replaced, lines } = widerThan(book, await acceptedBefore(ledger, next, file), next);
  const before = replaced?.texts;
  if (before === undefined || lines.length === 0) return takeUnsigned(asked, before);
  process.stdout.write(shown(next, lines, before));
  const signer = await unlockedSigner('accept');
  const word = {
    by: userInfo().username,
    at: Date.now(),
    nonce: randomBytes(16).toString('base64url'),
    replaces: textsDigest(before),
    kid: signer.kid,
  };
  const { name } = next.profile;
  const signature = signer.sign(acceptanceText(ledger.instance, { profile: name, digest: textsDigest(texts) }, word));
  const takeBack = putLock(asked);
  try {
    await handOver(ledger, file, { profile: name, texts, at: word.at, proof: { ...word, signature } }, lines);
  } catch (fault) {
    takeBack();
    throw fault;
  }
}

/** What needs nobody's word: a policy that was never in force here, and one that is no wider than what is. */
function takeUnsigned(asked: Asked, before: PolicyTexts | undefined): void {
  const pins = pinsShown(before ?? asked.onDisk, asked.next.profile.lock);
  if (pins !== '') process.stdout.write(`${pins}\n`);
  putLock(asked);
  const why =
    before === undefined ? NEVER_IN_FORCE : 'No wider than what was accepted last: it needs nobody to accept it.';
  process.stdout.write(`${why}\n`);
}

const NEVER_IN_FORCE = 'This profile was never in force here: a gateway that starts with it takes the file as it is.';

/** The policy as it is on disk, with its own lock as its servers would have it written now. */
async function withPresentPins(file: string, { config, yes }: AcceptOptions): Promise<PolicyTexts> {
  const pinned = readPinned(file, config);
  const { text } = await presentLock(pinned, yes);
  return { files: pinned.texts.files, lock: { file: pinned.lockFile, text } };
}

/** Writes the lock file where it is another, and gives what puts the old one back. */
function putLock({ onDisk, next }: Asked): () => void {
  const { lock } = next.texts;
  const there = onDisk.lock;
  if (lock === undefined || isSameText(onDisk, next.texts)) return () => undefined;
  writeWhole(lock.file, lock.text);
  return () => (there?.file === lock.file ? writeWhole(lock.file, there.text) : rmSync(lock.file, { force: true }));
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
