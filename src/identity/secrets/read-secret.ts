/** Secrets from where the deployment's file says they are kept. Read when they are needed, and not kept here. */
import { type SecretPlace, secretPlace } from '../../document/secret-shape.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import { KeyFault, readPrivate } from '../keys.ts';
import { keychainCommand } from './keychain-command.ts';
import { outputOf } from './output-of.ts';

/** Never rejects. Refused with a phrase for the operator without a full stop: where, and what to do; nothing of the secret. */
export type ReadSecret = (reference: string) => Promise<Result<Secret, string>>;

export interface SecretsOptions {
  /** Of the gateway: what `env://` reads, and where programs are found. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Milliseconds that a program may take; fifteen seconds by default, since some ask a person first. */
  readonly programWithin?: number;
}

/** A reference that is being read is read once for all who ask meanwhile. */
export function openSecrets(options: SecretsOptions): ReadSecret {
  const underWay = new Map<string, Promise<Result<Secret, string>>>();
  return (reference) => {
    const reading = underWay.get(reference) ?? read(reference, options).finally(() => underWay.delete(reference));
    underWay.set(reference, reading);
    return reading;
  };
}

/** Characters; more is no secret but a mistake. */
const LONGEST = 64 * 1024;

async function read(reference: string, options: SecretsOptions): Promise<Result<Secret, string>> {
  const place = secretPlace(reference);
  if (!place.ok) return place;
  const found = await textAt(place.value, options);
  if (!found.ok) return found;
  // Files and programs end their last line; a variable is what it is.
  const text = place.value.kind === 'env' ? found.value : found.value.replace(/\r?\n$/, '');
  if (text === '') return refuse(`${wordsOf(place.value)} is empty`);
  if (text.length > LONGEST) return refuse(`${wordsOf(place.value)} is longer than ${LONGEST / 1024} KiB`);
  if (text.includes('\0')) return refuse(`${wordsOf(place.value)} holds a NUL character`);
  return ok(new Secret(text));
}

async function textAt(place: SecretPlace, options: SecretsOptions): Promise<Result<string, string>> {
  if (place.kind === 'env') {
    const { environment } = options;
    const value = Object.hasOwn(environment, place.name) ? environment[place.name] : undefined;
    return value === undefined ? refuse(`${wordsOf(place)} is not set`) : ok(value);
  }
  if (place.kind === 'file') return textOfFile(place.path);
  const within = options.programWithin ?? 15_000;
  if (place.kind === 'exec') return outputOf(place.command, options.environment, within);
  const command = keychainCommand(place, options.platform);
  return command.ok ? outputOf(command.value, options.environment, within) : command;
}

function textOfFile(path: string): Result<string, string> {
  try {
    const content = readPrivate(path);
    return content === undefined ? refuse(`there is no file ${path}`) : ok(content.toString('utf8'));
  } catch (fault) {
    if (fault instanceof KeyFault) return refuse(fault.message.replace(/\.$/, ''));
    throw fault;
  }
}

function wordsOf(place: SecretPlace): string {
  if (place.kind === 'env') return `the environment variable ${place.name}`;
  if (place.kind === 'file') return `the file ${place.path}`;
  return place.kind === 'exec' ? `what ${place.command[0]} printed` : 'the entry of the keychain';
}
