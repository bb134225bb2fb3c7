/**
 * The passkeys of approvers: a file each beside the person's own, `NAME.ID.passkey`, mode 0600. Its person's key signed it, or a
 * passkey of the same person that was there before: a file that merely lies there proves nothing and stops the start. What an
 * authenticator has counted up to lies in `passkey-counters`.
 */
import type { KeyObject } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PasskeyProof, Proof } from '../../domain/proof.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { createPrivate, KeyFault, readPrivate, replacePrivate } from '../keys.ts';
import { isAsserted } from './assertion.ts';
import { idOf, type PasskeyFile, passkeyText, readPasskey } from './passkey-file.ts';

const COUNTERS = 'passkey-counters';
const ENDING = '.passkey';
/** A person has no more than so many at once. */
const MOST_PASSKEYS = 20;

interface Enrolled {
  readonly file: PasskeyFile;
  readonly key: KeyObject;
}

/** Whether a word that a person's passphrase gave is good. */
type HasSigned = (name: string, proof: Extract<Proof, { kind: 'passphrase' }>, text: string) => boolean;

export class PasskeyBook {
  readonly #folder: string;
  readonly #hasSigned: HasSigned;
  readonly #all = new Map<string, Enrolled>();
  readonly #counters: Map<string, number>;

  /** Reads the folder, once. Throws `KeyFault` at the first file that is broken, of nobody or not ours alone. */
  constructor(folder: string, hasSigned: HasSigned) {
    this.#folder = folder;
    this.#hasSigned = hasSigned;
    this.#counters = readCounters(folder);
    let left: readonly Enrolled[] = readdirSync(folder)
      .filter((entry) => entry.endsWith(ENDING))
      .map((entry) => read(folder, entry));
    while (left.length > 0) {
      // One that enrolled another is known before it.
      const good = left.filter(({ file }) => this.#isMeant(file));
      for (const one of good) this.#all.set(one.file.credential, one);
      const [bad] = left;
      if (good.length === 0 && bad !== undefined) throw new KeyFault(notMeant(folder, bad.file));
      left = left.filter((one) => !good.includes(one));
    }
  }

  /** Those of a person that prove something. */
  of(name: string): readonly PasskeyFile[] {
    return [...this.#all.values()].map(({ file }) => file).filter((file) => file.name === name && isLive(file));
  }

  /** One of this person that proves something. */
  find(name: string, credential: string): PasskeyFile | undefined {
    const file = this.#all.get(credential)?.file;
    return file?.name === name && isLive(file) ? file : undefined;
  }

  /** Whether this person's passkey signed the text. */
  hasProven(name: string, proof: PasskeyProof, text: string): boolean {
    return this.find(name, proof.credential) !== undefined && this.hadProven(name, proof, text) === true;
  }

  /** Likewise with one that was removed since; undefined where there never was one. */
  hadProven(name: string, proof: PasskeyProof, text: string): boolean | undefined {
    const one = this.#all.get(proof.credential);
    if (one?.file.name !== name) return undefined;
    return isAsserted(text, proof, { key: one.key, origin: one.file.origin });
  }

  /** Keeps one that its person wanted. Refuses with a sentence; throws `KeyFault` when the folder cannot be written. */
  add(file: PasskeyFile): Result<PasskeyFile, string> {
    const made = readPasskey(file);
    if (!made.ok) return refuse(`The passkey cannot be used: ${made.error}.`);
    if (!this.#isMeant(file)) return refuse('Nothing proves that its person wanted it.');
    if (this.of(file.name).length >= MOST_PASSKEYS) return refuse(`${MOST_PASSKEYS} passkeys are enough: remove one.`);
    const bytes = Buffer.from(`${JSON.stringify(file, null, 2)}\n`);
    if (this.#all.has(file.credential) || !createPrivate(this.#folder, nameOf(file), bytes))
      return refuse('This passkey is enrolled already.');
    this.#all.set(file.credential, { file, key: made.value.key });
    return ok(file);
  }

  /** From now on it proves nothing new. */
  remove(name: string, credential: string, removedAt: number): void {
    const one = this.#all.get(credential);
    if (one === undefined || this.find(name, credential) === undefined) return;
    const file = { ...one.file, removedAt };
    replacePrivate(this.#folder, nameOf(file), Buffer.from(`${JSON.stringify(file, null, 2)}\n`));
    this.#all.set(credential, { ...one, file });
  }

  /** What an authenticator has counted up to. */
  counterOf({ credential, counter }: PasskeyFile): number {
    return this.#counters.get(credential) ?? counter;
  }

  count({ credential }: PasskeyFile, counter: number): void {
    if (counter === 0) return;
    this.#counters.set(credential, counter);
    replacePrivate(this.#folder, COUNTERS, Buffer.from(`${JSON.stringify(Object.fromEntries(this.#counters))}\n`));
  }

  #isMeant(file: PasskeyFile): boolean {
    const { name, word } = file;
    const text = passkeyText(file);
    if (word.kind === 'passphrase') return this.#hasSigned(name, word, text);
    const { removedAt = Number.POSITIVE_INFINITY } = this.#all.get(word.credential)?.file ?? {};
    return file.at < removedAt && this.hadProven(name, word, text) === true;
  }
}

const isLive = ({ removedAt }: PasskeyFile): boolean => removedAt === undefined;

const nameOf = ({ name, credential }: PasskeyFile): string => `${name}.${idOf(credential)}${ENDING}`;

function read(folder: string, entry: string): Enrolled {
  const path = join(folder, entry);
  const made = readPasskey(parsed(readPrivate(path)?.toString()));
  if (!made.ok) throw new KeyFault(`${path} is broken: ${made.error}. Remove it, and enrol the passkey again.`);
  if (nameOf(made.value.file) !== entry)
    throw new KeyFault(`${path} is broken: it is the file ${nameOf(made.value.file)}.`);
  return made.value;
}

const notMeant = (folder: string, file: PasskeyFile): string =>
  `${join(folder, nameOf(file))} proves nothing: neither the key of ${file.name} nor an earlier passkey signed it. Remove it, and enrol the passkey again.`;

const counters = z.record(z.string(), z.int().min(0));

function readCounters(folder: string): Map<string, number> {
  const path = join(folder, COUNTERS);
  const bytes = readPrivate(path);
  if (bytes === undefined) return new Map();
  const read = counters.safeParse(parsed(bytes.toString()));
  if (!read.success) throw new KeyFault(`${path} is broken. Remove it: each passkey counts again from where it is.`);
  return new Map(Object.entries(read.data));
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
