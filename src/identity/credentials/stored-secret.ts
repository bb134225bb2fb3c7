/** A secret that is sent as it is kept. */
import type { HeaderForm } from '../../domain/credential-form.ts';
import { ok } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import { type Fetch, failed } from './source.ts';

export const storedSecret =
  ({ header, secret, prefix }: HeaderForm, { readSecret }: { readonly readSecret: ReadSecret }): Fetch =>
  async () => {
    const read = await readSecret(secret);
    if (!read.ok) return failed(read.error);
    const value = `${prefix}${read.value.reveal()}`;
    if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value))
      return failed(`what ${secret} stands for cannot stand in a header`);
    const credential = { header, value: new Secret(value), expiresAt: undefined, audience: undefined, scopes: [] };
    return ok({ credential, revoke: undefined });
  };
