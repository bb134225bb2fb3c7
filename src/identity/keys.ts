/**
 * Secrets in files that only this user can read. One purpose a file, mode 0600, in a folder of mode 0700. What is looser, foreign
 * or of the wrong length stops the start: a key that others may have read protects nothing.
 *
 * A file is written whole under another name, forced to disk and then linked to its own. A link never replaces, so of two
 * processes that race one creates the file, the other reads it, and nobody reads half of it.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const KEY_BYTES = 32;

/** A file or folder of secrets that may not be used. `message` names it, says what is wrong and what to run. */
export class KeyFault extends Error {
  override readonly name = 'KeyFault';
}

/** The 32-byte key `name` of `folder`, created when there is none. Throws `KeyFault`. */
export function secretKey(folder: string, name: string): Buffer {
  const key = readOrCreate(folder, name, () => randomBytes(KEY_BYTES));
  if (key.length !== KEY_BYTES) {
    throw new KeyFault(
      `${join(folder, name)} holds ${key.length} bytes, not the ${KEY_BYTES} of a key. Put the right file back; what another key sealed cannot be read.`,
    );
  }
  return key;
}

/** The bearer token of a loopback door: 256 bits as base64url, in a file of its own. Throws `KeyFault`. */
export function accessToken(folder: string, name: 'token' | 'api-token' = 'token'): string {
  const token = readOrCreate(folder, name, () => Buffer.from(randomBytes(KEY_BYTES).toString('base64url')));
  const text = token.toString('latin1');
  if (!/^[\w-]{43}$/.test(text)) {
    const path = join(folder, name);
    throw new KeyFault(`${path} is not a token of 43 base64url characters. For a new one run: rm ${quoted(path)}`);
  }
  return text;
}

/** Makes `folder` if need be, and throws `KeyFault` unless it is ours alone. */
export function privateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = statSync(folder);
  if (!stats.isDirectory()) throw new KeyFault(`${folder} is not a folder.`);
  requireOurs(folder, stats, '700');
}

/** The content of a file that must be ours alone; undefined where there is none. Throws `KeyFault`. */
export function readPrivate(path: string): Buffer | undefined {
  let file: number;
  try {
    // Without O_NONBLOCK a named pipe in the file's place would keep the start waiting for a writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new KeyFault(`${path} cannot be read: ${String(error)}`, { cause: error });
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new KeyFault(`${path} is not a file.`);
    requireOurs(path, stats, '600');
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes a new file of mode 0600, durably. Returns false, having changed nothing, where the name is taken. */
export function createPrivate(folder: string, name: string, content: Buffer): boolean {
  const path = join(folder, name);
  const draft = join(folder, `.${name}.${randomBytes(8).toString('hex')}`);
  try {
    writeFileSync(draft, content, { flag: 'wx', mode: 0o600, flush: true });
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new KeyFault(`${path} cannot be written: ${String(error)}`, { cause: error });
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(folder);
  return true;
}

/** Writes a file of mode 0600 in the place of another, durably: who reads it reads the one or the other. */
export function replacePrivate(folder: string, name: string, content: Buffer): void {
  const path = join(folder, name);
  const draft = join(folder, `.${name}.${randomBytes(8).toString('hex')}`);
  try {
    writeFileSync(draft, content, { flag: 'wx', mode: 0o600, flush: true });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new KeyFault(`${path} cannot be written: ${String(error)}`, { cause: error });
  }
  syncFolder(folder);
}

function readOrCreate(folder: string, name: string, create: () => Buffer): Buffer {
  privateFolder(folder);
  const path = join(folder, name);
  const found = readPrivate(path);
  if (found !== undefined) return found;
  createPrivate(folder, name, create());
  // Read back whoever won: what counts is what the next start will find.
  const made = readPrivate(path);
  if (made === undefined) throw new KeyFault(`${path} was removed while it was created.`);
  return made;
}

function requireOurs(path: string, stats: Stats, mode: '600' | '700'): void {
  const us = process.getuid?.();
  if (stats.uid !== us) {
    throw new KeyFault(
      `${path} belongs to user id ${stats.uid}, not to ${us}, who runs Tollgate. Run: chown ${us} ${quoted(path)}`,
    );
  }
  if ((stats.mode & 0o077) !== 0) {
    const found = (stats.mode & 0o7777).toString(8).padStart(4, '0');
    throw new KeyFault(`${path} has mode ${found}: others can use it. Run: chmod ${mode} ${quoted(path)}`);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** For a POSIX shell. */
const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
