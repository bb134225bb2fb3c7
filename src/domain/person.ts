/** People: who asks the API in person, and how one proves to be there. A login proves nothing: it says who is to prove it. */
import type { Finding, UnknownCall } from './finding.ts';
import type { GivenProof } from './given-proof.ts';
import type { Decision, Hold } from './hold.ts';
import { type Caller, nameOf, type Principal } from './principal.ts';
import type { Result } from './result.ts';
import { type ClientOwners, isNamed, type Role } from './role.ts';
import type { ProofAsked, Terms } from './terms.ts';

interface Person {
  readonly roles: readonly Role[];
  /** Came by a link: sees what the roles let it see, and changes nothing. */
  readonly looksOnly: boolean;
}

/** Who asks the API: a person, judged by roles; or a program, whose `person` is undefined, by the scopes of its token. */
export interface ApiCaller extends Caller {
  readonly person: Person | undefined;
}

/** Whom a person is known as: the subject of an issuer, in a tenant there. */
export type Known = Pick<Principal, 'issuer' | 'subject' | 'tenant'>;

/**
 * Whether somebody is who asked, and so may not answer: the subject, an actor, or the client under its own name. Where the terms
 * let whoever asks answer that is the subject alone.
 */
export const isAsker = (
  known: Pick<Known, 'issuer' | 'subject'>,
  asker: Principal,
  { allowRequester }: Pick<Terms, 'allowRequester'>,
): boolean => {
  const name = `${known.issuer}:${known.subject}`;
  return (
    [...asker.actors, `${asker.issuer}:${asker.client}`].includes(name) || (name === nameOf(asker) && !allowRequester)
  );
};

/** Likewise, or an owner of the client that asked. A subject who may answer may own the client, too. */
export function asksItself(
  caller: { readonly principal: Pick<Known, 'issuer' | 'subject'>; readonly groups: readonly string[] },
  { principal: asker, terms }: Pick<Hold, 'principal' | 'terms'>,
  clients: readonly ClientOwners[],
): boolean {
  if (isAsker(caller.principal, asker, terms)) return true;
  if (nameOf(caller.principal) === nameOf(asker)) return false;
  return clients
    .filter(({ client, issuer }) => client === asker.client && issuer === asker.issuer)
    .some(({ owners }) => owners.some((one) => isNamed(one, caller)));
}

/** Why a passphrase or a passkey proves nothing. */
export type NotProven =
  | { readonly reason: 'no_key' }
  /** None of this person that works at this gateway's address. */
  | { readonly reason: 'no_passkey' }
  | { readonly reason: 'wrong_passkey' }
  /** Used, too old, another's, or for something else. */
  | { readonly reason: 'challenge_unknown' }
  | { readonly reason: 'proof_wanted'; readonly asked: ProofAsked }
  | { readonly reason: 'wrong_passphrase' }
  /** Milliseconds until the next try counts. */
  | { readonly reason: 'too_many_tries'; readonly after: number };

export type NotAnswered = NotProven | { readonly reason: 'not_now'; readonly why: string };

/** A person's answer, with what proves it. */
interface Answering extends Pick<Decision, 'verdict' | 'because' | 'extend' | 'groups'>, GivenProof {
  readonly known: Known;
  readonly hold: Hold;
}
export type AnswerHold = (answering: Answering) => Promise<Result<Hold, NotAnswered>>;

/** What a person found out about a call, with the passphrase that proves who says so. */
interface FindingOut extends Pick<Finding, 'outcome' | 'why'> {
  readonly known: Known;
  readonly call: UnknownCall;
  readonly passphrase: string;
}
export type FindOut = (found: FindingOut) => Promise<Result<UnknownCall, NotAnswered>>;

/** A person's key for answers: `asked` until somebody who has one accepts it. */
export interface ApproverKey {
  readonly name: string;
  /** Key id of the public key. */
  readonly kid: string;
  readonly issuer: string;
  readonly subject: string;
  readonly tenant: string;
  readonly state: 'asked' | 'enrolled';
}

/** How people beside the first come to keys of their own. */
export interface ApproverKeys {
  /** Those that `by` may accept, and those enrolled beside them: of its own tenant, at this machine all. */
  list(by: Known): readonly ApproverKey[];
  /** Makes one, sealed by the passphrase, that answers nothing yet. Refuses with a sentence. */
  ask(known: Known, passphrase: string): Promise<Result<ApproverKey, NotAnswered>>;
  /** Takes it from now on, on the word of somebody who has a key. */
  accept(asked: {
    readonly name: string;
    readonly kid: string;
    readonly by: Known;
    readonly passphrase: string;
  }): Promise<Result<ApproverKey, NotAnswered>>;
}

/** What a browser keeps, unread by its pages, while a person signs in elsewhere. */
export interface SignInUnderWay {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Signing in at an issuer. Refuses with a phrase for the operator. */
export interface SignIn {
  /** Where to send the browser. `back`: our own address that it comes back to. */
  begin(back: string): Promise<Result<{ readonly url: string; readonly underWay: SignInUnderWay }, string>>;
  /** Who came back. `at`: the whole address that the browser was sent to. */
  finish(at: URL, underWay: SignInUnderWay): Promise<Result<ApiCaller, string>>;
}
