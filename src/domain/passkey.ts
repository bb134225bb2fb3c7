/** Passkeys of people: proofs that a device gives once it has known its user. */

import type { GivenProof, PasskeyAnswer } from './given-proof.ts';
import type { Decision, Hold } from './hold.ts';
import type { JsonObject } from './json.ts';
import type { Known, NotAnswered } from './person.ts';
import type { Result } from './result.ts';

/** A challenge that one person may answer once, within five minutes; `options` are for the browser (WebAuthn level 3, section 5.5). */
export interface Challenge {
  readonly challenge: string;
  readonly options: JsonObject;
}

/** One passkey of a person. */
export interface PasskeyShown {
  readonly id: string;
  /** What its person calls it. */
  readonly label: string;
  /** The one address at which it works. */
  readonly origin: string;
  readonly addedAt: number;
  /** What it was enrolled with. */
  readonly enrolledBy: 'passphrase' | 'passkey';
}

/** Asks a browser to prove this answer to a hold, word for word. */
export type ChallengeHold = (
  answer: Pick<Decision, 'verdict' | 'because' | 'extend' | 'groups'> & { readonly known: Known; readonly hold: Hold },
) => Promise<Result<Challenge, NotAnswered>>;

export interface Passkeys {
  /** Where browsers can use passkeys of this gateway; undefined where its address is no name. */
  origin(): string | undefined;
  list(known: Known): readonly PasskeyShown[];
  /** Asks a browser to make one. */
  begin(known: Known): Promise<Result<Challenge, NotAnswered>>;
  /** Takes what the browser made, and keeps it until its person proves to want it; the challenge is for a passkey that is there already. */
  offer(known: Known, made: PasskeyAnswer & { readonly label: string }): Promise<Result<OfferedPasskey, NotAnswered>>;
  add(known: Known, offer: string, proof: GivenProof): Promise<Result<PasskeyShown, NotAnswered>>;
  /** Asks for the proof that a passkey is to be removed. */
  challengeRemoval(known: Known, id: string): Promise<Result<Challenge, NotAnswered>>;
  remove(known: Known, id: string, proof: GivenProof): Promise<Result<PasskeyShown, NotAnswered>>;
}

interface OfferedPasskey {
  readonly offer: string;
  /** Undefined where the person has no passkey yet. */
  readonly challenge: Challenge | undefined;
}
