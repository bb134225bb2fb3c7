/** Secrets by reference, read when they are needed. */
import { ok, type Result, refuse } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import { KeyFault, readPrivate } from '../keys.ts';

/** Refuses with a phrase for the operator that holds nothing of the secret. */
export type ReadSecret = (reference: string) => Promise<Result<Secret, string>>;

/** `env`: the variables that `env://NAME` names. */
export function openSecrets(env: Readonly<Record<string, string | undefined>>): ReadSecret {
  return async (reference) => {
    const [, kind = '', rest = ''] = /^([a-z]+):\/\/(.+)$/.exec(reference) ?? [];
    const text = kind === 'env' ? env[rest] : fileText(rest);
    if (typeof text === 'string' && text !== '') return ok(new Secret(text));
    return refuse(`${reference} cannot be read`);
  };
}

function fileText(path: string): string | undefined {
  try {
    return readPrivate(path)?.toString().trimEnd();
  } catch (fault) {
    if (fault instanceof KeyFault) return undefined;
    throw fault;
  }
}
