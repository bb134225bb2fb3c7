/** What only Tollgate or the protocol may say, in the mouth of a server. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { LEFT_OPENING, OPENINGS } from '../../domain/openings.ts';

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
/**
 * Nobody else says `HELD, NOT DONE` and its like, so they are found anywhere, by what they end with. The others are words of
 * many logs, and ours only in capitals, in front of a line, before a colon.
 */
const REST = `, ${OPENINGS.notDone}`;
const PHRASES = WORDS.filter((words) => words.endsWith(REST)).map((words) => words.slice(0, -REST.length));
const LABELS = WORDS.filter((words) => !words.endsWith(REST));

const OURS = new RegExp(
  [
    String.raw`(?i:(?<=${PHRASES.join('|')})${REST}(?!\p{L}))`,
    String.raw`^[^\p{L}\p{N}\n]{0,16}(?:${LABELS.join('|')})[*_]{0,3}:`,
    String.raw`(?i:${LEFT_OPENING}\s{0,8}:\s{0,8}\p{N})`,
    String.raw`/(?:holds/h|outcomes/call)_\w`,
    String.raw`(?i:tollgate(?:__\w|\s{1,8}(?:approve|deny|outcome|policy)(?!\p{L})))`,
  ].join('|'),
  'mu',
);

/** Whether this text could be taken for Tollgate's own. */
export const imitates = (text: string): boolean => OURS.test(text);
