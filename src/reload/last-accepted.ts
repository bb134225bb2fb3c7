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

/**
 * What a policy is held to: the newest acceptance under each name of its file, and of its profile, wherever that stood, so that
 * neither another name in it nor a link in its place makes it a first one. The first is in force where it is wider.
 */
export async function lastAccepted(
  { ledger, approvers, report }: Knowing,
  profile: string,
  files: readonly string[],
): Promise<readonly Accepted[]> {
  const told = new Set<string>();
  const isSound = (one: Accepted): boolean => {
    const sound = one.proof === undefined || approvers.attests(ledger.instance, one);
    if (!sound) told.add(one.profile);
    return sound;
  };
  const asked = [...new Set(files)].map((file) => ledger.accepted('', file));
  const all = await Promise.all([...asked, ledger.accepted(profile, '')]);
  const newest = all.flatMap((some) => some.find(isSound) ?? []);
  for (const name of told)
    report(`policy ${name}: an acceptance is signed by no enrolled person, so it counts for nothing`);
  return [...new Map(newest.map((one) => [textsDigest(one.texts), one])).values()];
}

export interface PolicyStanding {
  readonly version: Version;
  /** Whether nobody has written down yet that it is accepted. */
  readonly isNews: boolean;
  /** Why what the file says is not in force. */
  readonly wider: readonly string[];
}

/**
 * What is in force when a gateway takes up a policy: its file, where that is no wider than what was accepted last. `named`: the
 * file as it was named, whatever link that is.
 */
export async function standingOf(
  knowing: Knowing,
  book: Pick<PolicyBook, 'compile'>,
  next: Version,
  named: string,
): Promise<Result<PolicyStanding, readonly string[]>> {
  const { name, file } = next.profile;
  const before = await lastAccepted(knowing, name, [named, file]);
  const [first] = before;
  if (first === undefined) return ok({ version: next, isNews: true, wider: [] });
  let inForce: Version | undefined;
  const wider = new Set<string>();
  for (const accepted of before) {
    if (isSameText(accepted.texts, next.texts)) continue;
    const old = loaded(book, accepted.texts);
    if (!old.ok) return refuse([unloadableWords(file, accepted), ...old.error]);
    const lines = widerLines(old.value, next);
    if (lines.length > 0) inForce ??= old.value;
    for (const line of lines) wider.add(line);
  }
  if (inForce !== undefined) return ok({ version: inForce, isNews: false, wider: [...wider] });
  return ok({ version: next, isNews: !isSameText(first.texts, next.texts), wider: [] });
}

const unloadableWords = (file: string, accepted: Accepted): string =>
  `${file}: what was accepted of the profile ${accepted.profile} (${digestWords(accepted)}) can no longer be loaded, so nobody can tell whether this file is wider; to accept it: tollgate policy accept ${file}`;

export interface Comparison {
  /** The first that `next` is wider than, which is in force until that is accepted; else the first. */
  readonly replaced: Accepted | undefined;
  readonly lines: readonly string[];
}

/** How `next` is wider than any of these, which may no longer be loaded: then everything is wider. */
export function widerThan(book: Pick<PolicyBook, 'compile'>, before: readonly Accepted[], next: Version): Comparison {
  const compared = before.map((accepted) => ({ accepted, lines: linesThan(book, accepted.texts, next) }));
  const first = compared.find(({ lines }) => lines.length > 0) ?? compared[0];
  return { replaced: first?.accepted, lines: [...new Set(compared.flatMap(({ lines }) => lines))] };
}

function linesThan(book: Pick<PolicyBook, 'compile'>, before: PolicyTexts, next: Version): readonly string[] {
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
