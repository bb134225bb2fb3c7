/** How a person answers a hold: with a passphrase, with a passkey that was asked for this very answer, or with both. */
import { type Decision, decisionText, type Hold } from '../../domain/hold.ts';
import type { ChallengeHold } from '../../domain/passkey.ts';
import type { AnswerHold } from '../../domain/person.ts';
import type { Ledger, Now } from '../../domain/ports.ts';
import { isEnough, type Proof } from '../../domain/proof.ts';
import { ok, refuse } from '../../domain/result.ts';
import { assertionOptions } from '../passkeys/ceremonies.ts';
import { KeptChallenges } from '../passkeys/kept-challenges.ts';
import { NO_NAME, newNonce, usable } from '../passkeys/passkeys.ts';
import { type ProveParts, prove } from '../passkeys/prove.ts';

interface Parts extends ProveParts {
  readonly ledger: Pick<Ledger, 'instance' | 'decide'>;
  readonly origin: () => string | undefined;
  readonly now: Now;
}

interface HoldAnswers {
  readonly challengeHold: ChallengeHold;
  readonly answer: AnswerHold;
}

export function holdAnswers({ ledger, origin, now, ...parts }: Parts): HoldAnswers {
  const { approvers } = parts;
  const challenges = new KeptChallenges<Pick<Decision, 'at' | 'nonce'>>(now);
  return {
    async challengeHold({ known, hold, ...said }) {
      const here = origin();
      if (here === undefined) return refuse({ reason: 'not_now', why: NO_NAME });
      const file = approvers.keyOf(known);
      if (file === undefined) return refuse({ reason: 'no_key' });
      const passkeys = usable(approvers.passkeys.of(file.name), here);
      if (passkeys.length === 0) return refuse({ reason: 'no_passkey' });
      const when = { at: now(), nonce: newNonce() };
      const text = decisionText(ledger.instance, hold, { ...whole(said), by: file.name, ...when });
      const options = await assertionOptions(here, text, passkeys);
      return ok({ challenge: challenges.put(known, when), options });
    },
    async answer({ known, hold, passphrase, passkey, ...said }) {
      const asked = proofAskedOf(hold, said.verdict);
      if (!isEnough(asked, kindsIn({ passphrase, passkey }))) return refuse({ reason: 'proof_wanted', asked });
      const file = approvers.keyOf(known);
      if (file === undefined) return refuse({ reason: 'no_key' });
      const given = passkey && challenges.take(known, passkey.challenge);
      if (passkey !== undefined && given === undefined) return refuse({ reason: 'challenge_unknown' });
      const when = given ?? { at: now(), nonce: newNonce() };
      const answer = { ...whole(said), by: file.name, ...when };
      // What a passkey was asked for is this text, or it proves nothing here.
      const text = decisionText(ledger.instance, hold, answer);
      const proofs = await prove(known, text, { passphrase, response: passkey?.response }, parts);
      if (!proofs.ok) return proofs;
      const decided = await ledger.decide(hold.id, { ...answer, proofs: proofs.value });
      return decided.ok ? decided : refuse({ reason: 'not_now', why: decided.error });
    },
  };
}

type Said = Pick<Decision, 'verdict' | 'because' | 'extend' | 'groups'>;

/** What is kept has no member without a value. */
const whole = ({ verdict, because, extend, groups }: Said): Said => ({
  verdict,
  because,
  ...(extend === undefined ? {} : { extend }),
  ...(groups === undefined ? {} : { groups }),
});

/** To deny, one proof is enough. */
const proofAskedOf = ({ terms }: Hold, verdict: Decision['verdict']): Hold['terms']['proof'] =>
  verdict === 'approve' ? terms.proof : 'any';

const kindsIn = (given: { readonly passphrase: unknown; readonly passkey: unknown }): readonly Proof['kind'][] =>
  (['passphrase', 'passkey'] as const).filter((kind) => given[kind] !== undefined);
