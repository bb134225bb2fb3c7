/** Patterns of URIs, as a policy's `resources` write them. */
import { ok, type Result, refuse } from '../domain/result.ts';
import { ANY, includes, meet, type Piece, SEGMENT } from './glob.ts';
import { oddity } from './plain-uri.ts';
import { readable } from './readable.ts';
import { templateRow } from './uri-template.ts';

const LONGEST = 1000;

export interface UriPattern {
  readonly text: string;
  /**
   * Whether this very URI is meant. A pattern without a wildcard means its own text only. With one, every character must
   * match, and the URI must be one that every reader reads alike (`oddity` says what is not); it has a fragment (`#`)
   * only where the pattern itself writes one.
   */
  matches(uri: string): boolean;
  /**
   * How many of the URIs that a template (RFC 6570) can make match, taken as text: some that do may still be refused for
   * how they could be read. 'all' and 'none' are certain, 'some' means no more than that one might.
   * None for what is no template.
   */
  covers(template: string): 'all' | 'some' | 'none';
  /** Whether every URI that `other` matches is matched here. True is certain. */
  includes(other: UriPattern): boolean;
}

/**
 * A pattern of at most 1,000 characters: `**` stands for any characters, `*` for any but `/`, `?` and `#`, all else for
 * itself. A scheme must stand in front. Refuses with what was expected.
 */
export function uriPattern(text: string): Result<UriPattern, string> {
  const why = trouble(text);
  if (why !== undefined) return refuse(why);
  const row = rowOf(text);
  const exact = !text.includes('*');
  const [front = ''] = text.split('*', 1);
  const rest = row.slice(front.length);
  const matches = (uri: string): boolean => {
    if (exact) return uri === text;
    if (!uri.startsWith(front) || (uri.includes('#') && !text.includes('#'))) return false;
    return oddity(uri) === undefined && includes(rest, uri.slice(front.length));
  };
  return ok({
    text,
    matches,
    covers: (template) => {
      const made = templateRow(template);
      if (made === undefined) return 'none';
      if (includes(row, made)) return 'all';
      return meet(row, made) ? 'some' : 'none';
    },
    includes: (other) => {
      if (!other.text.includes('*')) return matches(other.text);
      return includes(row, rowOf(other.text)) && (text.includes('#') || !other.text.includes('#'));
    },
  });
}

function trouble(text: string): string | undefined {
  if (text.length > LONGEST) return `expected a URI or a pattern of at most ${LONGEST} characters`;
  if (text.startsWith('*')) {
    return 'a pattern must not begin with a wildcard: write the scheme in front, such as crm://**';
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return 'expected a URI with its scheme in front, such as crm://cases/*';
  if (/[{}]/.test(text)) return 'expected a pattern, not a template: write * where a template has {name}';
  if (text.includes('***')) return 'expected * (within a segment) or ** (anything), found ***';
  if (readable(text) !== text || /[\t\n]/.test(text)) return 'expected a URI without hidden characters';
  if (!text.includes('*')) return undefined;
  const odd = oddity(text.replace(/\*+/g, 'x'));
  return odd === undefined
    ? undefined
    : `this can match nothing: it has ${odd}, and a wildcard matches no such URI, which could be read two ways`;
}

const rowOf = (pattern: string): readonly Piece[] =>
  pattern.split(/(\*\*?)/).flatMap((part): readonly Piece[] => {
    if (part === '**') return [ANY];
    return part === '*' ? [SEGMENT] : part.split('');
  });
