/** What a reference to a secret stands for, read when it is needed. */

import { ok, type Result, refuse } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import { KeyFault, readPrivate } from '../keys.ts';

/** Refused with a phrase that says where, and nothing of the secret. */
export type ReadSecret = (reference: string) => Promise<Result<Secret, string>>;

export const openSecrets =
  (environment: Readonly<Record<string, string | undefined>>): ReadSecret =>
  async (reference) => {
    const [, scheme, place = ''] = /^([a-z]+):\/\/(.*)$/s.exec(reference) ?? [];
    if (scheme === 'env') {
      const value = environment[place];
      return value === undefined || value === '' ? refuse(`${reference} is not set`) : ok(new Secret(value));
    }
    return scheme === 'file' ? inFile(place) : refuse(`${scheme ?? reference}:// cannot be read in this version`);
  };

function inFile(path: string): Result<Secret, string> {
  try {
    const text = readPrivate(path)
      ?.toString()
      .replace(/\r?\n$/, '');
    return text === undefined || text === '' ? refuse(`there is nothing in ${path}`) : ok(new Secret(text));
  } catch (fault) {
    if (fault instanceof KeyFault) return refuse(fault.message.replace(/\.$/, ''));
    throw fault;
  }
}
