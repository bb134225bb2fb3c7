/** Secrets by reference: where they are, in files that hold none themselves. */
import type { Result } from '../../domain/result.ts';
import { ok, refuse } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import { readPrivate } from '../keys.ts';

/** The secret behind a reference; else why not, as a phrase. Never rejects. */
export type ReadSecret = (reference: string) => Promise<Result<Secret, string>>;

/** `env://NAME` and `file://PATH`. */
export function openSecrets(environment: Readonly<Record<string, string | undefined>>): ReadSecret {
  return async (reference) => {
    const [, kind, rest = ''] = /^(env|file):\/\/(.+)$/.exec(reference) ?? [];
    if (kind === 'env') {
      const text = Object.hasOwn(environment, rest) ? environment[rest] : undefined;
      return text === undefined ? refuse(`the environment variable ${rest} is not set`) : ok(new Secret(text));
    }
    if (kind !== 'file') return refuse('it is no reference to a secret');
    try {
      const text = readPrivate(rest)?.toString('utf8').trim();
      return text === undefined ? refuse(`there is no file ${rest}`) : ok(new Secret(text));
    } catch (fault) {
      return refuse(fault instanceof Error ? fault.message : String(fault));
    }
  };
}
