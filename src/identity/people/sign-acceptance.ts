import { randomBytes } from 'node:crypto';
import { acceptanceText, textsDigest } from '../../domain/acceptance.ts';
import type { SignAcceptance } from '../../domain/policies-in-view.ts';
import type { Ledger, Now } from '../../domain/ports.ts';
import { ok } from '../../domain/result.ts';
import type { Passphrases } from './passphrases.ts';

interface Parts {
  readonly ledger: Pick<Ledger, 'instance'>;
  readonly passphrases: Passphrases;
  readonly now: Now;
}

/** A person's word for these very texts, signed with the key that the passphrase opens, as `tollgate policy accept` does. */
export const signAcceptance =
  ({ ledger, passphrases, now }: Parts): SignAcceptance =>
  async ({ known, passphrase, profile, texts, replaces }) => {
    const key = await passphrases.open(known, passphrase);
    if (!key.ok) return key;
    const { name: by, kid } = key.value;
    const word = { by, at: now(), nonce: randomBytes(16).toString('base64url'), replaces, kid };
    const text = acceptanceText(ledger.instance, { profile, digest: textsDigest(texts) }, word);
    return ok({ ...word, signature: key.value.sign(text) });
  };
