/** Patterns of URIs, as a policy's `resources` write them. */
import { pathToFileURL } from 'node:url';
import { isOwnUri } from '../../domain/own-uri.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { readable } from '../shown/readable.ts';
import { ANY, includes, meet, type Piece, SEGMENT } from './glob.ts';
import { oddity } from './plain-uri.ts';
import { templateRow } from './uri-template.ts';

const LONGEST = 1000;
/** Sessions whose folder a pattern remembers as compiled. */
const MOST_FOLDERS = 256;

/** In front of a pattern, before a slash or the end: the session's folder as a `file:` URI. */
const SESSION = /^file:\/\/\$\{session\.dir\}(?=\/|$)/;

export interface UriPattern {
  readonly text: string;
  /**
   * Whether this very URI is meant. A pattern without a wildcard means its own text only. With one, every character must
   * match, and the URI must be one that every reader reads alike (`oddity` says what is not); it has a fragment (`#`)
   * only where the pattern itself writes one. `dir` is the session's folder, an absolute path.
   */
  matches(uri: string, dir: string): boolean;
  /**
   * How many of the URIs that a template (RFC 6570) can make match, taken as text: some that do may still be refused for
   * how they could be read. 'all' and 'none' are certain, 'some' means no more than that one might.
   * None for what is no template.
   */
  covers(template: string, dir: string): 'all' | 'some' | 'none';
  /** Whether every URI that `other` matches is matched here, in whatever folder. True is certain. */
  includes(other: UriPattern): boolean;
}

/**
 * A pattern of at most 1,000 characters: `**` stands for any characters, `*` for any but `/`, `?` and `#`, all else for
 * itself. A scheme must stand in front. `file://${session.dir}` in front is the session's folder, encoded as a URI, so that no
 * character of its name is a wildcard. Refuses with what was expected.
 */
export function uriPattern(text: string): Result<UriPattern, string> {
  const why = trouble(text.replace(SESSION, 'file:///x'));
  if (why !== undefined) return refuse(why);
  const at = SESSION.test(text)
    ? remembered((dir) => fixed(text.replace(SESSION, () => folderUri(dir))))
    : always(fixed(text));
  return ok({
    text,
    matches: (uri, dir) => at(dir).matches(uri),
    covers: (template, dir) => at(dir).covers(template),
    includes: (other) => isWider(text, other.text),
  });
}

type Fixed = {
  readonly matches: (uri: string) => boolean;
  readonly covers: (template: string) => 'all' | 'some' | 'none';
};

/** A pattern whose folder is known. */
function fixed(text: string): Fixed {
  const row = rowOf(text);
  const exact = !text.includes('*');
  const [front = ''] = text.split('*', 1);
  const rest = row.slice(front.length);
  return {
    matches: (uri) => {
      if (exact) return uri === text;
      if (!uri.startsWith(front) || (uri.includes('#') && !text.includes('#'))) return false;
      return oddity(uri) === undefined && includes(rest, uri.slice(front.length));
    },
    covers: (template) => {
      const made = templateRow(template);
      if (made === undefined) return 'none';
      if (includes(row, made)) return 'all';
      return meet(row, made) ? 'some' : 'none';
    },
  };
}

const always = (one: Fixed) => (): Fixed => one;

/** Compiled once a folder; of many folders those that were first needed longest ago are forgotten. */
function remembered(compile: (dir: string) => Fixed): (dir: string) => Fixed {
  const known = new Map<string, Fixed>();
  return (dir) => {
    const found = known.get(dir);
    if (found !== undefined) return found;
    const [oldest] = known.keys();
    if (known.size >= MOST_FOLDERS && oldest !== undefined) known.delete(oldest);
    const compiled = compile(dir);
    known.set(dir, compiled);
    return compiled;
  };
}

const folderUri = (dir: string): string => pathToFileURL(dir).href.replace(/\/$/, '').replaceAll('*', '%2A');

function isWider(text: string, other: string): boolean {
  // In the session's folder only what is written in it lies for certain, and then it is the same folder to both.
  if (SESSION.test(text)) {
    return SESSION.test(other) && isWider(text.replace(SESSION, 'file:///x'), other.replace(SESSION, 'file:///x'));
  }
  if (!other.includes('*') && !SESSION.test(other)) return fixed(text).matches(other);
  if (!other.includes('*') && oddity(other.replace(SESSION, 'file:///x')) !== undefined) return false;
  return includes(rowOf(text), rowOf(other)) && (text.includes('#') || !other.includes('#'));
}

function trouble(text: string): string | undefined {
  if (text.length > LONGEST) return `expected a URI or a pattern of at most ${LONGEST} characters`;
  if (text.startsWith('*')) {
    return 'a pattern must not begin with a wildcard: write the scheme in front, such as crm://**';
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return 'expected a URI with its scheme in front, such as crm://cases/*';
  if (isOwnUri(text)) return "the scheme tollgate: is Tollgate's own, and no server has a resource of it";
  if (/[{}]/.test(text)) return 'expected a pattern, not a template: write * where a template has {name}';
  if (text.includes('***')) return 'expected * (within a segment) or ** (anything), found ***';
  if (readable(text) !== text || /[\t\n]/.test(text)) return 'expected a URI without hidden characters';
  if (!text.includes('*')) return undefined;
  const odd = oddity(text.replace(/\*+/g, 'x'));
  return odd === undefined
    ? undefined
    : `this can match nothing: it has ${odd}, and a wildcard matches no such URI, which could be read two ways`;
}

/** The session's folder, where it is not known, is any absolute path. */
function rowOf(pattern: string): readonly Piece[] {
  if (SESSION.test(pattern)) return [...'file:///'.split(''), ANY, ...rowOf(pattern.replace(SESSION, ''))];
  return pattern.split(/(\*\*?)/).flatMap((part): readonly Piece[] => {
    if (part === '**') return [ANY];
    return part === '*' ? [SEGMENT] : part.split('');
  });
}
