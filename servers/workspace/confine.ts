/**
 * Where a path of the caller may lead: into one folder, and nowhere else. Absolute paths, `..`, NUL and links that end
 * outside are refused.
 *
 * What this cannot promise: whoever changes links in the folder between our look and our use can still lead us out, since
 * Node offers no `openat`. The folder must belong to the agent's work alone; a sandbox keeps others out.
 */
import { lstatSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, win32 } from 'node:path';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

export const refused = (error: string): { readonly ok: false; readonly error: string } => ({ ok: false, error });

/** A path that was looked at. */
interface Place {
  /** Without links, inside the folder. Of a file yet to be written: below the nearest folder that exists. */
  readonly real: string;
  /** As the caller may read it: relative, with forward slashes. */
  readonly shown: string;
}

/** The place of something that exists. Throws what `realpath` throws where it does not. */
export function existing(root: string, path: string): Answer<Place> {
  const wrong = malformed(path);
  if (wrong !== undefined) return refused(wrong);
  return inside(root, resolve(root, path), realpathSync(resolve(root, path)), path);
}

/** The place of a file to be written, whether it exists or not. A link to nowhere is refused: it could lead anywhere. */
export function writable(root: string, path: string): Answer<Place> {
  const wrong = malformed(path);
  if (wrong !== undefined) return refused(wrong);
  const wanted = resolve(root, path);
  let base = wanted;
  while (!present(base)) base = dirname(base);
  const real = reached(base);
  if (real === undefined) return refused(`"${path}" is a link that leads nowhere. Nothing was written.`);
  return inside(root, wanted, resolve(real, relative(base, wanted)), path);
}

function malformed(path: string): string | undefined {
  if (path.includes('\0')) return 'The path contains a NUL character. Give a plain relative path.';
  if (isAbsolute(path) || win32.isAbsolute(path)) {
    return `"${path}" is an absolute path. Give a path relative to the folder.`;
  }
  if (path.split(/[/\\]/).includes('..')) return `"${path}" contains "..". Give a path that stays inside the folder.`;
  return undefined;
}

function inside(root: string, wanted: string, real: string, path: string): Answer<Place> {
  const way = relative(root, real);
  if (way.split(/[/\\]/)[0] === '..' || isAbsolute(way)) return refused(`"${path}" leads out of the folder.`);
  return { ok: true, value: { real, shown: relative(root, wanted).replaceAll('\\', '/') || '.' } };
}

const present = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

function reached(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
