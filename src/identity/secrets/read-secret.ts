/** Secrets by reference, read when they are needed and kept by nobody. */
import { ok, type Result, refuse } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import { KeyFault, readPrivate } from '../keys.ts';

/** Refuses with a sentence that names the reference, never what is behind it. */
export type ReadSecret = (reference: string) => Promise<Result<Secret, string>>;

export const openSecrets =
  (environment: Readonly<Record<string, string | undefined>>): ReadSecret =>
  async (reference) => {
    const [, kind, place = ''] = /^(env|file):\/\/(.+)$/s.exec(reference) ?? [];
    if (kind === 'env') {
      const value = Object.hasOwn(environment, place) ? environment[place] : undefined;
      return value ? ok(new Secret(value)) : refuse(`${reference}: the variable is not set`);
    }
    if (kind !== 'file') return refuse(`${reference}: expected env://NAME or file://PATH`);
    try {
      const text = readPrivate(place)?.toString('utf8').trim();
      return text ? ok(new Secret(text)) : refuse(`${reference}: there is no such file, or nothing in it`);
    } catch (fault) {
      if (fault instanceof KeyFault) return refuse(fault.message);
      throw fault;
    }
  };
