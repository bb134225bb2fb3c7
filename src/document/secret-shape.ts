/** Secrets in the deployment's file: a reference to where one is kept, never the secret itself. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { isObject, type JsonValue } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

/** Where a secret is kept. */
export type SecretPlace =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  /** A program and its words; no shell reads them. */
  | { readonly kind: 'exec'; readonly command: readonly [string, ...string[]] }
  | { readonly kind: 'keychain'; readonly service: string; readonly account: string };

const EXPECTED =
  'expected { secret: REFERENCE }, with env://NAME, file:///PATH, exec://PROGRAM WORDS or keychain://SERVICE/ACCOUNT; a secret itself stands in no file of ours';

/** The place that a reference names. What is refused is never quoted: it may be a secret that somebody wrote out. */
export function secretPlace(reference: string): Result<SecretPlace, string> {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/s.exec(reference) ?? [];
  if (rest.includes('${session.')) return refuse('a secret is the same in every session: no reference to one');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(rest)) return refuse('expected a reference on one line');
  return Object.hasOwn(PLACES, scheme) ? (PLACES[scheme]?.(rest) ?? refuse(EXPECTED)) : refuse(EXPECTED);
}

const PLACES: Readonly<Record<string, (rest: string) => Result<SecretPlace, string>>> = {
  env: (name) =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
      ? ok({ kind: 'env', name })
      : refuse('expected the name of an environment variable after env://'),
  file: (path) =>
    isAbsolute(path) ? ok({ kind: 'file', path }) : refuse('expected an absolute path after file://: file:///PATH'),
  exec: (words) => {
    const [program, ...parameters] = words.split(' ').filter((word) => word !== '');
    if (program === undefined) return refuse('expected a program and its words after exec://');
    if (/["']/.test(words))
      return refuse(
        'words stand between spaces and quotes mean nothing: call a program of your own where one needs them',
      );
    if (program.includes('/') && !isAbsolute(program))
      return refuse('expected the name of a program or its absolute path after exec://');
    return ok({ kind: 'exec', command: [program, ...parameters] });
  },
  keychain: (place) => {
    const [, service, account] = /^([^/-][^/]*)\/([^/-][^/]*)$/.exec(place) ?? [];
    return service === undefined || account === undefined
      ? refuse('expected SERVICE/ACCOUNT after keychain://')
      : ok({ kind: 'keychain', service, account });
  },
};

export interface SecretReference {
  readonly secret: string;
}

/** What a file says where a secret belongs. Its messages quote nothing of what stands there instead. */
export const secretReference = z.unknown().transform((value, context): SecretReference => {
  const written = value as JsonValue | undefined;
  const reference = isObject(written) && Object.keys(written).length === 1 ? written['secret'] : undefined;
  const place = typeof reference === 'string' ? secretPlace(reference) : refuse(EXPECTED);
  if (typeof reference === 'string' && place.ok) return { secret: reference };
  context.addIssue(place.ok ? EXPECTED : place.error);
  return z.NEVER;
});
