/** The policies of a running gateway as people see them: what is in force, what waits for a person, and how one accepts it. */
import type { AcceptanceProof, PolicyTexts } from './acceptance.ts';
import { textsDigest } from './acceptance.ts';
import { digestOf } from './json.ts';
import type { Known, NotAnswered, NotProven } from './person.ts';
import type { Result } from './result.ts';

/** Tools or prompts of a server that are not what was accepted: nobody can call them until a person accepts them. */
export interface Quarantined {
  readonly server: string;
  readonly names: readonly string[];
}

export interface PolicyInView {
  readonly profile: string;
  /** Its absolute path. */
  readonly file: string;
  /** Of the texts in force, as `textsDigest` says it, and those themselves. */
  readonly digest: string;
  readonly texts: PolicyTexts;
  /** Since when they are in force, milliseconds since the epoch; undefined where nobody wrote that down. */
  readonly since: number | undefined;
  /** Who accepted them; undefined where nobody had to. */
  readonly acceptedBy: string | undefined;
  /** How what the file says now is wider than what is in force: one line each. */
  readonly wider: readonly string[];
  readonly quarantined: readonly Quarantined[];
}

/** What a person may accept, and all that it would change, in words. */
export interface Offer {
  /** `policy`: what the file says now. `pins`: what its servers say now, in the lock file. */
  readonly kind: 'policy' | 'pins';
  readonly texts: PolicyTexts;
  /** What is in force, as `textsDigest` says it. */
  readonly replaces: string;
  readonly wider: readonly string[];
  /** What a model may read otherwise than before, word for word. */
  readonly pins: readonly PinChange[];
  /** The files of the policy, as far as they differ. */
  readonly files: readonly FileChange[];
}

/** One change of what a server says, as words that stay, went or came. */
export interface PinChange {
  /** `tool mail.send`, with how it changed. */
  readonly heading: string;
  readonly words: readonly Changed[];
}

export interface FileChange {
  readonly file: string;
  /** Whole lines; `same` ones are around those that changed. */
  readonly lines: readonly Changed[];
}

export interface Changed {
  readonly how: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Names exactly what was shown: another offer has another name. */
export const shownDigest = ({ kind, texts, replaces }: Pick<Offer, 'kind' | 'texts' | 'replaces'>): string =>
  digestOf({ kind, texts: textsDigest(texts), replaces });

export interface Accepting {
  readonly profile: string;
  /** What the person was shown, as `shownDigest` names it. */
  readonly shown: string;
  readonly known: Known;
  readonly passphrase: string;
}

export interface PoliciesInView {
  list(): Promise<readonly PolicyInView[]>;
  find(profile: string): Promise<PolicyInView | undefined>;
  /** What a person may accept of a profile; undefined where nothing waits. Asks its servers. Refuses with a sentence. */
  offer(profile: string): Promise<Result<Offer | undefined, string>>;
  /** Puts in force what was shown, on a person's proof. Refuses what is not the offer any more. */
  accept(accepting: Accepting): Promise<Result<PolicyInView, NotAnswered>>;
}

/** A person's word for texts that are to replace others. */
export type SignAcceptance = (asked: {
  readonly known: Known;
  readonly passphrase: string;
  readonly profile: string;
  readonly texts: PolicyTexts;
  readonly replaces: string;
}) => Promise<Result<AcceptanceProof, NotProven>>;
