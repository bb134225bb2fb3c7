import type { NotAnswered } from '../domain/person.ts';
import type { ProofAsked } from '../domain/terms.ts';
import type { Problem } from './problem.ts';

const PROOFS: Readonly<Record<ProofAsked, string>> = {
  any: 'your passphrase or a passkey',
  passphrase: 'your passphrase',
  passkey: 'a passkey',
  both: 'your passphrase and a passkey',
};

/** Why a passphrase or a passkey, or what it was to prove, was not taken. */
export function notAnswered(why: NotAnswered): Problem {
  switch (why.reason) {
    case 'no_key':
      return {
        status: 403,
        reason: 'no_key',
        detail: 'You have no key for answers: ask for one (POST /api/approvers)',
      };
    case 'wrong_passphrase':
      return { status: 403, reason: 'wrong_passphrase', detail: 'The passphrase is wrong', field: 'passphrase' };
    case 'wrong_passkey':
      return { status: 403, reason: 'wrong_passkey', detail: 'The passkey did not prove this', field: 'passkey' };
    case 'no_passkey':
      return { status: 409, reason: 'no_passkey', detail: 'You have no such passkey for this address' };
    case 'challenge_unknown':
      return {
        status: 409,
        reason: 'challenge_unknown',
        detail:
          'The challenge was used already, is older than five minutes, or was for something else: ask for another',
        field: 'passkey',
      };
    case 'proof_wanted':
      return { status: 403, reason: 'proof_wanted', detail: `It takes ${PROOFS[why.asked]}` };
    case 'too_many_tries': {
      const seconds = Math.max(1, Math.ceil(why.after / 1000));
      const detail = `Too many proofs were wrong: the next counts in ${seconds} seconds`;
      return { status: 429, reason: 'too_many_tries', detail, headers: { 'retry-after': String(seconds) } };
    }
    case 'not_now':
      return { status: 409, reason: 'not_now', detail: why.why.replace(/\.$/, '') };
  }
}
