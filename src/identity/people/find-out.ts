import type { FindOut } from '../../domain/person.ts';
import type { Ledger, Now } from '../../domain/ports.ts';
import { refuse } from '../../domain/result.ts';
import { signedFinding } from '../signed-finding.ts';
import type { Passphrases } from './passphrases.ts';

interface Parts {
  readonly ledger: Pick<Ledger, 'instance' | 'resolve'>;
  readonly passphrases: Passphrases;
  readonly now: Now;
}

/** Signs what a person found out with the key that the passphrase opens, as the terminal does, and settles the call by it. */
export const findOut =
  ({ ledger, passphrases, now }: Parts): FindOut =>
  async ({ known, call, passphrase, outcome, why }) => {
    const key = await passphrases.open(known, passphrase);
    if (!key.ok) return key;
    const found = { outcome, why, by: key.value.name, at: now() };
    const settled = await ledger.resolve(call.id, signedFinding(key.value, ledger.instance, call, found));
    return settled.ok ? settled : refuse({ reason: 'not_now', why: settled.error });
  };
