/** `path: { within }`: paths that every reader takes to the same place, taken as text: no link is followed here. */

import { readable } from '../shown/readable.ts';
import { oddity } from '../uris/plain-uri.ts';
import type { FormatTest, Meets } from './meets.ts';

export interface PathOperand {
  /** Folders: absolute, relative to wherever the server stands, or `${session.dir}` with or without a path below it. */
  readonly within: readonly string[];
}

/** How a policy writes the session's folder. */
export const SESSION_DIR = `\${session.dir}`;

const LONGEST = 4096;
/** A segment of dots, or of dots and what is no name: `..`, `...`, `..;x`. */
const DOTS = /(?:^|\/)\s*\.+(?![.\p{L}\p{N}_-])/u;
/** What some readers decode before they walk. */
const CODED = /%(?:[0-9A-Fa-f]{2}|u)/;
/** What Unicode or a code page folds into `/`, `\`, `.`, `%`, `:` or `~` without being one of them. */
const LOOKALIKES = /[\u00a5\u20a9\u2044\u2215\u2216\u29f5\u29f8\u29f9]/;
/** Where a relative path begins like this, some readers begin elsewhere: home, a variable, a drive or a scheme. */
const ELSEWHERE = /^(?:[~$%]|[A-Za-z][A-Za-z0-9+.-]*:)/;
/** The common case, for speed. */
const ASCII_NAMES = /^\/?[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*\/?$/;

/**
 * Whether a path is one of these folders or lies in one, letter for letter. An absolute path lies in absolute folders only, a
 * relative one in relative ones. Unsure are: segments of dots, `//`, backslashes, `~` in front, percent-encoding, hidden
 * characters, white space around it, text that is not in Unicode's form C or that folds into something else, more than
 * 4,096 characters, and what differs from a folder in letter case only. A `file:` URI is read where it can mean one such path only.
 */
export function pathTest({ within }: PathOperand): FormatTest {
  const bases = within.map((written) => ({
    bySession: written.startsWith(SESSION_DIR),
    folder: withoutSlash(written.startsWith(SESSION_DIR) ? written.slice(SESSION_DIR.length) : written),
  }));
  return (text, dir): Meets => {
    const path = /^file:/i.test(text) ? pathOfUri(text) : text;
    if (path === undefined || isAmbiguous(path)) return 'unsure';
    let far = isPlain(path);
    for (const { bySession, folder } of bases) {
      const base = bySession ? withoutSlash(dir) + folder : folder;
      const rest = below(base, path);
      if (rest !== undefined && isPlain(rest)) return 'yes';
      far &&= isAbsolute(path) === isAbsolute(base) && below(base.toLowerCase(), path.toLowerCase()) === undefined;
    }
    return far ? 'no' : 'unsure';
  };
}

/** Why this cannot be a folder to be within, or undefined. */
export function folderTrouble(text: string): string | undefined {
  const session = text.startsWith(SESSION_DIR);
  const path = session ? text.slice(SESSION_DIR.length) : text;
  // A reference that stands for nothing is told where references are read.
  if (path.includes('${') || (session && path !== '' && !path.startsWith('/'))) return undefined;
  if (path === '' && !session) return `expected a folder, such as ${SESSION_DIR} or /srv/files`;
  if (path.startsWith('~')) return 'expected a folder in full: "~" means another one to everybody';
  const odd = path !== '.' && (DOTS.test(path) || path.includes('//') || path.includes('\\') || isHidden(path));
  return odd ? 'expected a plain folder: no "..", "//", backslashes or hidden characters' : undefined;
}

const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

/** What of a path is below a folder: nothing for the folder itself, undefined where it is not in it. */
function below(base: string, path: string): string | undefined {
  if (path === base) return '';
  if (base === '.') return path.startsWith('/') ? undefined : path;
  return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined;
}

/** A folder without its slash at the end: the root is nothing. */
const isAbsolute = (path: string): boolean => path === '' || path.startsWith('/');

/** Whatever folder it is in: nothing at all, or a path whose beginning or length readers take in different ways. */
const isAmbiguous = (path: string): boolean =>
  path === '' || path.length > LONGEST || path.includes('//') || path.trim() !== path || ELSEWHERE.test(path);

/** Whether the segments are names that mean themselves to every reader. */
function isPlain(path: string): boolean {
  if (path === '' || ASCII_NAMES.test(path)) return true;
  if (DOTS.test(path) || path.includes('\\') || CODED.test(path) || isHidden(path)) return false;
  const foreign = path.replace(/[\0-\x7f]/g, '');
  if (foreign === '') return true;
  return path.normalize('NFC') === path && !LOOKALIKES.test(path) && !/[/\\.%:~]/.test(foreign.normalize('NFKC'));
}

const isHidden = (path: string): boolean => /[\t\n]/.test(path) || readable(path) !== path;

/** The one path that a `file:` URI without a host means, as long as no reader could find another in it. */
function pathOfUri(uri: string): string | undefined {
  if (!uri.startsWith('file:///') || /[?#]/.test(uri) || oddity(uri) !== undefined) return undefined;
  return decodeURIComponent(uri.slice('file://'.length));
}
