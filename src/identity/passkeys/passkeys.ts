/** How people come to passkeys and lose them. Each step needs a proof that was there before: a login, a link or a token makes none. */
import { randomBytes } from 'node:crypto';
import type { GivenProof } from '../../domain/given-proof.ts';
import { GATEWAY_CHAIN } from '../../domain/journal.ts';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import type { Challenge, PasskeyShown, Passkeys } from '../../domain/passkey.ts';
import type { Known, NotAnswered } from '../../domain/person.ts';
import type { Ledger, Now } from '../../domain/ports.ts';
import type { Proof } from '../../domain/proof.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { ApproverFile } from '../approvers.ts';
import { assertionOptions, creationOptions, made } from './ceremonies.ts';
import { KeptChallenges } from './kept-challenges.ts';
import { idOf, type NewPasskey, type PasskeyFile, passkeyText, removalText } from './passkey-file.ts';
import { type ProveParts, prove } from './prove.ts';

export interface PasskeysParts extends ProveParts {
  readonly ledger: Pick<Ledger, 'append'>;
  readonly origin: () => string | undefined;
  readonly now: Now;
}

/** A text that one of the passkeys at `origin` is asked to prove. */
interface Asked {
  readonly text: string;
  readonly at: number;
  readonly nonce: string;
}

type Owner = { readonly file: ApproverFile; readonly origin: string };

export const newNonce = (): string => randomBytes(16).toString('base64url');

export function passkeysOf(parts: PasskeysParts): Passkeys {
  const { approvers, ledger, origin, now } = parts;
  const book = approvers.passkeys;
  const creations = new KeptChallenges<string>(now);
  const offers = new KeptChallenges<NewPasskey>(now);
  const challenges = new KeptChallenges<Asked>(now);

  const ownerOf = (known: Known): Result<Owner, NotAnswered> => {
    const at = origin();
    if (at === undefined) return refuse({ reason: 'not_now', why: NO_NAME });
    const file = approvers.keyOf(known);
    return file === undefined ? refuse({ reason: 'no_key' }) : ok({ file, origin: at });
  };
  const challenge = async (known: Known, { file, origin: at }: Owner, asked: Asked): Promise<Challenge | undefined> => {
    const theirs = usable(book.of(file.name), at);
    if (theirs.length === 0) return undefined;
    const options = await assertionOptions(at, asked.text, theirs);
    return { challenge: challenges.put(known, asked), options };
  };
  /** One proof over this text, by a passphrase or by the answer to a challenge of it. */
  const proven = async (
    known: Known,
    text: string,
    { passphrase, passkey }: GivenProof,
    asked: Asked | undefined,
  ): Promise<Result<Proof, NotAnswered>> => {
    if (passkey !== undefined && asked?.text !== text) return refuse({ reason: 'challenge_unknown' });
    const proofs = await prove(known, text, { passphrase, response: passkey?.response }, parts);
    if (!proofs.ok) return proofs;
    const [proof] = proofs.value;
    return proof === undefined ? refuse({ reason: 'proof_wanted', asked: 'any' }) : ok(proof);
  };
  const note = (at: number, body: JsonObject) =>
    ledger.append({ session: GATEWAY_CHAIN, kind: 'approver', call: undefined, at, body });

  return {
    origin,
    list(known) {
      const file = approvers.keyOf(known);
      return file === undefined ? [] : book.of(file.name).map(shown);
    },
    async begin(known) {
      const owner = ownerOf(known);
      if (!owner.ok) return owner;
      const { file, origin: at } = owner.value;
      const asked = await creationOptions(at, file.name, usable(book.of(file.name), at));
      return ok({ challenge: creations.put(known, asked.challenge), options: asked.options });
    },
    async offer(known, { challenge: id, response, label }) {
      const owner = ownerOf(known);
      if (!owner.ok) return owner;
      const expected = creations.take(known, id);
      if (expected === undefined) return refuse({ reason: 'challenge_unknown' });
      const { file, origin: at } = owner.value;
      const passkey = await made(at, expected, response);
      if (!passkey.ok) {
        parts.report(`a passkey for ${file.name} was not taken: ${passkey.error}`);
        return refuse({ reason: 'wrong_passkey' });
      }
      const draft = { ...passkey.value, name: file.name, origin: at, label, at: now(), nonce: newNonce() };
      const asked = { text: passkeyText(draft), at: draft.at, nonce: draft.nonce };
      return ok({ offer: offers.put(known, draft), challenge: await challenge(known, owner.value, asked) });
    },
    async add(known, id, proof) {
      const draft = offers.take(known, id);
      if (draft === undefined) return refuse({ reason: 'challenge_unknown' });
      const asked = proof.passkey && challenges.take(known, proof.passkey.challenge);
      const word = await proven(known, passkeyText(draft), proof, asked);
      if (!word.ok) return word;
      const added = book.add({ ...draft, word: word.value });
      if (!added.ok) return refuse({ reason: 'not_now', why: added.error });
      const { name, credential, origin: at, label } = draft;
      await note(now(), { name, passkey: credential, origin: at, label, word: word.value as unknown as JsonValue });
      return ok(shown(added.value));
    },
    async challengeRemoval(known, id) {
      const owner = ownerOf(known);
      if (!owner.ok) return owner;
      const { name } = owner.value.file;
      const passkey = named(book.of(name), id);
      if (passkey === undefined) return refuse({ reason: 'no_passkey' });
      const when = { at: now(), nonce: newNonce() };
      const asked = { ...when, text: removalText({ name, credential: passkey.credential, ...when }) };
      const given = await challenge(known, owner.value, asked);
      return given === undefined ? refuse({ reason: 'no_passkey' }) : ok(given);
    },
    async remove(known, id, proof) {
      const name = approvers.keyOf(known)?.name;
      const file = name === undefined ? undefined : named(book.of(name), id);
      if (name === undefined || file === undefined) return refuse({ reason: 'no_passkey' });
      const asked = proof.passkey && challenges.take(known, proof.passkey.challenge);
      const when = { at: asked?.at ?? now(), nonce: asked?.nonce ?? newNonce() };
      const word = await proven(known, removalText({ name, credential: file.credential, ...when }), proof, asked);
      if (!word.ok) return word;
      book.remove(name, file.credential, now());
      await note(now(), {
        name,
        passkey: file.credential,
        removed: { ...when, word: word.value as unknown as JsonValue },
      });
      return ok(shown(file));
    },
  };
}

/** A passkey works where it was enrolled, and nowhere else. */
export const usable = (passkeys: readonly PasskeyFile[], origin: string): readonly PasskeyFile[] =>
  passkeys.filter((one) => one.origin === origin);

const named = (passkeys: readonly PasskeyFile[], id: string): PasskeyFile | undefined =>
  passkeys.find(({ credential }) => idOf(credential) === id);

const shown = ({ credential, label, origin, at, word }: PasskeyFile): PasskeyShown => ({
  ...{ id: idOf(credential), label, origin, addedAt: at, enrolledBy: word.kind },
});

export const NO_NAME =
  'Passkeys need an address that is a name: set listen.public_url, or come to http://localhost where the gateway listens on loopback.';
