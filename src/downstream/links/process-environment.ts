/** The environment of a server that is a process of ours. */
import { delimiter, dirname } from 'node:path';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Secret } from '../../domain/secret.ts';
import type { StdioAddress } from './server-process.ts';

/** A secret from where it is kept, or a phrase for the operator that says why there is none. Never rejects. */
export type ReadSecret = (reference: string) => Promise<Result<Secret, string>>;

/**
 * What its programs need to run and what is declared for it: no other variable, so no other's secret. Its own secrets are
 * read now, for this one process. Refused with a sentence without a full stop.
 */
export async function environmentOf(
  { env, secrets = {} }: Pick<StdioAddress, 'env' | 'secrets'>,
  readSecret: ReadSecret | undefined,
): Promise<Result<Readonly<Record<string, string>>, string>> {
  const environment: Record<string, string> = {};
  for (const name of ['HOME', 'LANG', 'TMPDIR']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  environment['PATH'] = [dirname(process.execPath), process.env['PATH'] ?? '']
    .filter((part) => part !== '')
    .join(delimiter);
  Object.assign(environment, env);
  for (const [name, reference] of Object.entries(secrets)) {
    const read = await readSecret?.(reference);
    if (read?.ok !== true)
      return refuse(`its secret ${name} cannot be read: ${read?.error ?? 'secrets are not read here'}`);
    environment[name] = read.value.reveal();
  }
  return ok(environment);
}
