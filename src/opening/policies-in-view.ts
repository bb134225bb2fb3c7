/** The running gateway's policies as people see them, and how one puts in force what waits: as `tollgate policy accept` does. */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AcceptanceProof, type PolicyTexts, textsDigest } from '../domain/acceptance.ts';
import type { Downstream } from '../domain/downstream.ts';
import type { NotAnswered } from '../domain/person.ts';
import {
  type Accepting,
  type Offer,
  type PoliciesInView,
  type PolicyInView,
  type SignAcceptance,
  shownDigest,
} from '../domain/policies-in-view.ts';
import type { Profile } from '../domain/policy.ts';
import type { Ledger } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { PolicyBook } from '../policy/book.ts';
import { lockDiff } from '../policy/lock/lock-diff.ts';
import { pinChanges } from '../policy/lock/pin-changes.ts';
import { fileChanges } from '../policy/shown/file-changes.ts';
import { wideningText } from '../policy/widening/widening.ts';
import { widenings } from '../policy/widening/widenings.ts';
import { type AskingServers, presentPins, quarantined } from './present-pins.ts';

interface Version {
  readonly texts: PolicyTexts;
  readonly profile: Profile;
}

/** How a policy file stands in this gateway. */
interface Standing {
  readonly file: string;
  readonly version: Version;
  /** What its file said when it was last read whole, and how that is wider than what is in force. */
  readonly read: Version;
  readonly wider: readonly string[];
}

export interface InViewOptions {
  readonly live: {
    standing(): readonly Standing[];
    accept(file: string, proof: AcceptanceProof): Promise<Result<void, string>>;
  };
  readonly book: Pick<PolicyBook, 'compile'>;
  readonly ledger: Pick<Ledger, 'accepted'>;
  readonly downstream: Downstream;
  readonly asking: AskingServers;
  readonly signAcceptance: SignAcceptance;
}

export function policiesInView(options: InViewOptions): PoliciesInView {
  const { live } = options;
  const standingOf = (name: string): Standing | undefined =>
    live.standing().find(({ version }) => version.profile.name === name);
  return {
    list: () => Promise.all(live.standing().map((one) => inView(one, options))),
    find: async (profile) => {
      const standing = standingOf(profile);
      return standing && inView(standing, options);
    },
    offer: async (profile) => {
      const standing = standingOf(profile);
      return standing === undefined ? ok(undefined) : offerOf(standing, options);
    },
    accept: async (accepting) => {
      const standing = standingOf(accepting.profile);
      const offer = standing === undefined ? ok(undefined) : await offerOf(standing, options);
      if (!offer.ok) return notNow(offer.error);
      if (standing === undefined || offer.value === undefined || shownDigest(offer.value) !== accepting.shown)
        return notNow('What waits is not what was shown: look again.');
      const accepted = await accept(standing, offer.value, accepting, options);
      if (!accepted.ok) return accepted;
      return ok(await inView(standingOf(accepting.profile) ?? standing, options));
    },
  };
}

const notNow = (why: string): Result<never, NotAnswered> => refuse({ reason: 'not_now', why });

async function inView(
  { file, version, wider }: Standing,
  { ledger, downstream }: InViewOptions,
): Promise<PolicyInView> {
  const { texts, profile } = version;
  const digest = textsDigest(texts);
  const accepted = (await ledger.accepted(profile.name, file)).find((one) => textsDigest(one.texts) === digest);
  return {
    profile: profile.name,
    file,
    digest,
    texts,
    since: accepted?.at,
    acceptedBy: accepted?.proof?.by,
    wider,
    quarantined: quarantined(profile, downstream),
  };
}

/** One at a time: what the file says, and once that is in force what its servers say. */
async function offerOf(
  { version, read, wider }: Standing,
  { book, downstream, asking }: InViewOptions,
): Promise<Result<Offer | undefined, string>> {
  const { profile, texts } = version;
  const replaces = textsDigest(texts);
  if (wider.length > 0) {
    const lock = read.profile.lock;
    const pins = lock === undefined || profile.lock === undefined ? [] : pinChanges(lockDiff(profile.lock, lock));
    return ok({ kind: 'policy', texts: read.texts, replaces, wider, pins, files: fileChanges(texts, read.texts) });
  }
  const { lock } = profile;
  if (lock === undefined || quarantined(profile, downstream).length === 0) return ok(undefined);
  const present = await presentPins({ ...profile, lock }, asking);
  if (!present.ok) return present;
  const differences = lockDiff(lock, present.value);
  if (differences.length === 0) return refuse(SAYS_BOTH);
  const next = { files: texts.files, lock: { file: present.value.file, text: present.value.text } };
  const compiled = book.compile(next, profile);
  if (!compiled.ok) return refuse(compiled.error.join('\n'));
  const lines = widenings(profile, compiled.value).map(wideningText);
  return ok({ kind: 'pins', texts: next, replaces, wider: lines, pins: pinChanges(differences), files: [] });
}

const SAYS_BOTH =
  'Its servers say what was accepted to who asks them anew, and another thing to an agent that is connected';

async function accept(
  { file, version }: Standing,
  { kind, texts, replaces }: Offer,
  { profile, known, passphrase }: Accepting,
  { live, signAcceptance }: InViewOptions,
): Promise<Result<void, NotAnswered>> {
  const proof = await signAcceptance({ known, passphrase, profile, texts, replaces });
  if (!proof.ok) return proof;
  const put = kind === 'pins' ? putLock(texts, version.texts) : ok(() => undefined);
  if (!put.ok) return notNow(put.error);
  const entered = await live.accept(file, proof.value).catch((fault: unknown) => {
    put.value();
    throw fault;
  });
  if (entered.ok) return entered;
  put.value();
  return notNow(entered.error);
}

/** Writes the lock file whole, and gives what puts the old one back. Refuses, with a sentence, where it cannot be written. */
function putLock({ lock, files }: PolicyTexts, before: PolicyTexts): Result<() => void, string> {
  if (lock === undefined) return ok(() => undefined);
  const write = (text: string): void => {
    const unfinished = `${lock.file}.${randomBytes(6).toString('hex')}`;
    writeFileSync(unfinished, text, { flag: 'wx' });
    try {
      renameSync(unfinished, lock.file);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  };
  try {
    write(lock.text);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'it failed';
    const how = `whoever may write it runs: tollgate policy accept --pins ${files[0].file}`;
    return refuse(`The lock file ${lock.file} cannot be written here (${code}); ${how}`);
  }
  const old = before.lock;
  return ok(() => (old?.file === lock.file ? write(old.text) : rmSync(lock.file, { force: true })));
}
