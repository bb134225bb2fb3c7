/** Judges what a person gave as a proof of one text. What is wrong counts as a try, passphrase and passkey alike. */
import type { PasskeyAnswer } from '../../domain/given-proof.ts';
import type { Known, NotProven } from '../../domain/person.ts';
import type { Proof } from '../../domain/proof.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { ApproverBook } from '../approvers.ts';
import type { Passphrases } from '../people/passphrases.ts';
import { asserted } from './ceremonies.ts';

export interface ProveParts {
  readonly approvers: ApproverBook;
  readonly passphrases: Passphrases;
  readonly report: (line: string) => void;
}

interface Given {
  readonly passphrase: string | undefined;
  /** What the browser said to a challenge of this very text. */
  readonly response: PasskeyAnswer['response'] | undefined;
}

/** All that were given, or why one is none. Who gives none gets none. */
export async function prove(
  known: Known,
  text: string,
  { passphrase, response }: Given,
  parts: ProveParts,
): Promise<Result<readonly Proof[], NotProven>> {
  const proofs: Proof[] = [];
  if (passphrase !== undefined) {
    const key = await parts.passphrases.open(known, passphrase);
    if (!key.ok) return key;
    proofs.push({ kind: 'passphrase', kid: key.value.kid, signature: key.value.sign(text) });
  }
  if (response !== undefined) {
    const proof = await byPasskey(known, text, response, parts);
    if (!proof.ok) return proof;
    proofs.push(proof.value);
  }
  return ok(proofs);
}

async function byPasskey(
  known: Known,
  text: string,
  response: PasskeyAnswer['response'],
  { approvers, passphrases, report }: ProveParts,
): Promise<Result<Proof, NotProven>> {
  const name = approvers.keyOf(known)?.name;
  if (name === undefined) return refuse({ reason: 'no_key' });
  const began = passphrases.begin(known);
  if (!began.ok) return began;
  const { passkeys } = approvers;
  const passkey = passkeys.find(name, String(response['id']));
  const came =
    passkey === undefined
      ? refuse('it is none of theirs')
      : await asserted(passkey, text, response, passkeys.counterOf(passkey));
  // The same judgement as `commit` makes: what it would not take is not recorded.
  if (!came.ok || passkey === undefined || !passkeys.hasProven(name, came.value.proof, text)) {
    report(`a passkey did not prove that ${name} was there: ${came.ok ? 'its signature is wrong' : came.error}`);
    return refuse({ reason: 'wrong_passkey' });
  }
  began.value();
  passkeys.count(passkey, came.value.counter);
  return ok(came.value.proof);
}
