/** What the ledger says was accepted of a policy, and which version is in force beside what its file says now. */
import { type Accepted, type PolicyTexts, textsDigest } from '../domain/acceptance.ts';
import type { Ledger } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { ApproverBook } from '../identity/approvers.ts';
import type { PolicyBook } from '../policy/book.ts';
import { isSameText, type Version, widerLines } from './version.ts';

export interface Knowing {
  readonly ledger: Ledger;
  readonly approvers: Pick<ApproverBook, 'attests'>;
  readonly report: (line: string) => void;
}

/** The newest that needed no proof, or has one of an enrolled person. Others are told and passed over. */
export async function lastAccepted(
  { ledger, approvers, report }: Knowing,
  profile: string,
  file: string,
): Promise<Accepted | undefined> {
  const all = await ledger.accepted(profile, file);
  return all.find((one) => {
    const isSound = one.proof === undefined || approvers.attests(ledger.instance, one);
    if (!isSound)
      report(`policy ${one.profile}: an acceptance is signed by no enrolled person, so it counts for nothing`);
    return isSound;
  });
}

export interface Standing {
  readonly version: Version;
  /** Whether nobody has written down yet that it is accepted. */
  readonly isNews: boolean;
  /** Why what the file says is not in force. */
  readonly wider: readonly string[];
}

/** What is in force when a gateway takes up a policy: its file, where that is no wider than what was accepted last. */
export async function standingOf(
  knowing: Knowing,
  book: Pick<PolicyBook, 'compile'>,
  next: Version,
): Promise<Result<Standing, readonly string[]>> {
  const { name, file } = next.profile;
  const accepted = await lastAccepted(knowing, name, file);
  if (accepted === undefined) return ok({ version: next, isNews: true, wider: [] });
  if (isSameText(accepted.texts, next.texts)) return ok({ version: next, isNews: false, wider: [] });
  const old = loaded(book, accepted.texts);
  if (!old.ok) {
    const first = `${file}: what was accepted of the profile ${accepted.profile} (${digestWords(accepted)}) can no longer be loaded, so nobody can tell whether this file is wider; to accept it: tollgate policy accept ${file}`;
    return refuse([first, ...old.error]);
  }
  const wider = widerLines(old.value, next);
  return ok(wider.length === 0 ? { version: next, isNews: true, wider } : { version: old.value, isNews: false, wider });
}

/** The same lines for texts that may no longer be loaded: then everything is wider. */
export function widerThan(book: Pick<PolicyBook, 'compile'>, before: PolicyTexts, next: Version): readonly string[] {
  if (isSameText(before, next.texts)) return [];
  const old = loaded(book, before);
  if (old.ok) return widerLines(old.value, next);
  return ['everything: what was accepted before can no longer be loaded, so nothing can be compared'];
}

function loaded(book: Pick<PolicyBook, 'compile'>, texts: PolicyTexts): Result<Version, readonly string[]> {
  const profile = book.compile(texts, undefined);
  return profile.ok ? ok({ texts, profile: profile.value }) : profile;
}

const digestWords = ({ texts }: Accepted): string => textsDigest(texts).slice(0, 'sha256:'.length + 12);
