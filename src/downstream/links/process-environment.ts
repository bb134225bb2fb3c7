/** The environment of a server that is a process of ours. */
import { delimiter, dirname } from 'node:path';
import type { ServerAddress } from '../../domain/policy.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Secret } from '../../domain/secret.ts';

/** A secret from where it is kept, or a phrase for the operator that says why there is none. Never rejects. */
export type ReadSecret = (reference: string) => Promise<Result<Secret, string>>;

export interface ProcessEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** A text of the process as it may be shown: `[secret]` for each of its secrets that stands in it as it is. */
  shown(text: string): string;
}

/**
 * What its programs need to run and what is declared for it: no other variable, so no other's secret. Its own secrets are
 * read now, for this one process. Refused with a sentence without a full stop.
 */
export async function environmentOf(
  { env, secrets = {} }: Pick<Extract<ServerAddress, { kind: 'stdio' }>, 'env' | 'secrets'>,
  readSecret: ReadSecret | undefined,
): Promise<Result<ProcessEnvironment, string>> {
  const environment: Record<string, string> = {};
  for (const name of ['HOME', 'LANG', 'TMPDIR']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  environment['PATH'] = [dirname(process.execPath), process.env['PATH'] ?? '']
    .filter((part) => part !== '')
    .join(delimiter);
  Object.assign(environment, env);
  const held: Secret[] = [];
  for (const [name, reference] of Object.entries(secrets)) {
    const read = await readSecret?.(reference);
    if (read?.ok !== true)
      return refuse(`its secret ${name} cannot be read: ${read?.error ?? 'secrets are not read here'}`);
    environment[name] = read.value.reveal();
    held.push(read.value);
  }
  return ok({ variables: environment, shown: (text) => held.reduce(withoutOne, text) });
}

const withoutOne = (text: string, secret: Secret): string => text.replaceAll(secret.reveal(), String(secret));
