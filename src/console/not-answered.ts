import type { NotAnswered } from '../domain/person.ts';
import type { Problem } from './problem.ts';

/** Why a passphrase, or what it was to prove, was not taken. */
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
    case 'too_many_tries': {
      const seconds = Math.max(1, Math.ceil(why.after / 1000));
      const detail = `Too many passphrases were wrong: the next counts in ${seconds} seconds`;
      return { status: 429, reason: 'too_many_tries', detail, headers: { 'retry-after': String(seconds) } };
    }
    case 'not_now':
      return { status: 409, reason: 'not_now', detail: why.why.replace(/\.$/, '') };
  }
}
