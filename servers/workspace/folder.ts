/** The files of one folder: read, list, write. Every refusal is a sentence that an agent can act on. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Answer, existing, refused, writable } from './confine.ts';

/** The largest file that is read or written, in bytes. */
const LARGEST_FILE = 1024 * 1024;
/** At most so many entries of a folder are listed. */
const MOST_ENTRIES = 1000;

interface Entry {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Of files only. */
  readonly bytes?: number;
}

interface Listing {
  readonly path: string;
  readonly entries: readonly Entry[];
  /** True when the folder holds more than `MOST_ENTRIES`. */
  readonly truncated: boolean;
}

interface Written {
  readonly path: string;
  readonly bytes: number;
}

export interface Folder {
  read(path: string): Answer<string>;
  list(path: string): Answer<Listing>;
  write(path: string, text: string): Answer<Written>;
}

/** Opens `folder`, creating it when absent. `newName` gives unique file names. Throws when the folder cannot be had. */
export function openFolder(folder: string, newName: () => string): Folder {
  mkdirSync(folder, { recursive: true });
  const root = realpathSync(folder);
  if (!lstatSync(root).isDirectory()) throw new Error(`${folder} is not a folder`);
  return {
    read: (path) => explained(path, () => read(root, path)),
    list: (path) => explained(path, () => list(root, path)),
    write: (path, text) => explained(path, () => write(root, path, text, newName)),
  };
}

function read(root: string, path: string): Answer<string> {
  const place = existing(root, path);
  if (!place.ok) return place;
  // Not following the last link closes one race; not blocking keeps a pipe in the folder from hanging the server.
  const fd = openSync(place.value.real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) return refused(`"${path}" is a folder. Use list_files.`);
    if (!stat.isFile()) return refused(`"${path}" is not a regular file.`);
    const bytes = firstBytes(fd, LARGEST_FILE + 1);
    if (bytes.length > LARGEST_FILE) {
      return refused(`"${path}" is larger than 1 MiB (${stat.size} bytes). It was not read.`);
    }
    return textOf(bytes, path);
  } finally {
    closeSync(fd);
  }
}

/** At most `limit` bytes from the start. The size that the file claims is not trusted: it may grow meanwhile. */
function firstBytes(fd: number, limit: number): Buffer {
  const buffer = Buffer.alloc(limit);
  let length = 0;
  while (length < limit) {
    const got = readSync(fd, buffer, length, limit - length, null);
    if (got === 0) break;
    length += got;
  }
  return buffer.subarray(0, length);
}

function textOf(bytes: Buffer, path: string): Answer<string> {
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return refused(`"${path}" is not UTF-8 text.`);
  }
}

function list(root: string, path: string): Answer<Listing> {
  const place = existing(root, path);
  if (!place.ok) return place;
  const found = readdirSync(place.value.real, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const entries = found.slice(0, MOST_ENTRIES).map((entry): Entry => {
    if (entry.isDirectory()) return { name: entry.name, type: 'folder' };
    if (entry.isSymbolicLink()) return { name: entry.name, type: 'link' };
    if (!entry.isFile()) return { name: entry.name, type: 'other' };
    const stat = lstatSync(join(place.value.real, entry.name), { throwIfNoEntry: false });
    return { name: entry.name, type: 'file', ...(stat === undefined ? {} : { bytes: stat.size }) };
  });
  return { ok: true, value: { path: place.value.shown, entries, truncated: found.length > MOST_ENTRIES } };
}

function write(root: string, path: string, text: string, newName: () => string): Answer<Written> {
  if (!text.isWellFormed()) return refused('The text contains half of a surrogate pair and cannot be kept as UTF-8.');
  const bytes = Buffer.byteLength(text);
  if (bytes > LARGEST_FILE) return refused(`The text is larger than 1 MiB (${bytes} bytes). Nothing was written.`);
  const place = writable(root, path);
  if (!place.ok) return place;
  const { real, shown } = place.value;
  const before = lstatSync(real, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile()) {
    return refused(`"${path}" is a ${before.isDirectory() ? 'folder' : 'special file'}. Nothing was written.`);
  }
  mkdirSync(dirname(real), { recursive: true });
  replace(real, join(dirname(real), `.workspace-${newName()}.tmp`), text, before?.mode);
  return { ok: true, value: { path: shown, bytes } };
}

/** All of the new text or all of the old, whatever happens meanwhile. A file that existed keeps its mode. */
function replace(real: string, temporary: string, text: string, mode: number | undefined): void {
  const fd = openSync(temporary, 'wx');
  try {
    try {
      writeFileSync(fd, text);
      if (mode !== undefined) fchmodSync(fd, mode & 0o777);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, real);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

const SENTENCES: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no "${path}". Use list_files to see what exists.`,
  ENOTDIR: (path) => `"${path}" is no folder, or goes through a file as if it were one.`,
  EEXIST: (path) => `"${path}" goes through a file as if it were a folder.`,
  EISDIR: (path) => `"${path}" is a folder.`,
  ELOOP: (path) => `"${path}" is a link that leads in a circle or was changed meanwhile.`,
  ENXIO: (path) => `"${path}" is not a regular file.`,
  EACCES: (path) => `"${path}" may not be used: permission denied.`,
  EPERM: (path) => `"${path}" may not be used: permission denied.`,
  ENAMETOOLONG: () => 'The path is too long.',
  ENOSPC: (path) => `"${path}" was not written: the disk is full.`,
};

/** What the file system refuses becomes a sentence without the folder's real path. Our own faults stay exceptions. */
function explained<T>(path: string, act: () => Answer<T>): Answer<T> {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    const code = String(error.code);
    return refused(SENTENCES[code]?.(path) ?? `"${path}" cannot be used (${code}).`);
  }
}
