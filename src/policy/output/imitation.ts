/** What only Tollgate or the protocol may say, in the mouth of a server. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { OPENINGS } from '../../domain/openings.ts';

/** `_meta` members that would speak in our name or the protocol's. */
const RESERVED = /^(?:tollgate|io\.modelcontextprotocol\/|pending_approval)/i;

/** A `_meta` without those; undefined where nothing is left of it. The same value where nothing is taken out. */
export function withoutReserved(meta: JsonValue | undefined): JsonObject | undefined {
  if (!isObject(meta)) return undefined;
  const names = Object.keys(meta);
  const kept = names.filter((name) => !RESERVED.test(name));
  if (kept.length === 0) return undefined;
  return kept.length === names.length ? meta : Object.fromEntries(kept.map((name) => [name, meta[name]]));
}

const WORDS = Object.values(OPENINGS);
/** Two words are enough; one alone is a word of many logs, and ours only in capitals before a colon. */
const PHRASES = WORDS.filter((words) => words.includes(' '));
const LABELS = WORDS.filter((words) => !words.includes(' '));

/** At the beginning of a line, whatever marks it up; or a command of ours anywhere. */
const OURS = new RegExp(
  [
    String.raw`^[^\p{L}\p{N}\n]{0,16}(?:(?i:${PHRASES.join('|')})(?!\p{L})|(?:${LABELS.join('|')})[*_]{0,3}:)`,
    String.raw`(?i:tollgate(?:__\w|\s{1,8}(?:approve|deny|policy)(?!\p{L})))`,
  ].join('|'),
  'mu',
);

/** Whether this text could be taken for Tollgate's own. */
export const imitates = (text: string): boolean => OURS.test(text);
