import type { AnswerHold } from '../../domain/person.ts';
import type { Ledger, Now } from '../../domain/ports.ts';
import { refuse } from '../../domain/result.ts';
import { signedDecision } from '../signed-decision.ts';
import type { Passphrases } from './passphrases.ts';

interface Parts {
  readonly ledger: Pick<Ledger, 'instance' | 'decide'>;
  readonly passphrases: Passphrases;
  readonly now: Now;
}

/** Signs a person's answer with the key that the passphrase opens, as the terminal does, and records it. */
export const answerHold =
  ({ ledger, passphrases, now }: Parts): AnswerHold =>
  async ({ known, hold, passphrase, verdict, because, extend, groups }) => {
    const key = await passphrases.open(known, passphrase);
    if (!key.ok) return key;
    const answer = { verdict, because, extend, groups, by: key.value.name, at: now() };
    const decided = await ledger.decide(hold.id, signedDecision(key.value, ledger.instance, hold, answer));
    return decided.ok ? decided : refuse({ reason: 'not_now', why: decided.error });
  };
