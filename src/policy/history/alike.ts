/** Values that a server may take for one and the same, made one. */
import type { JsonValue } from '../../domain/json.ts';

const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?$/;
/** Longer ones are ids, or more exact than a number can be. */
const LONGEST_NUMBER = 15;

/**
 * The same for values that differ only in type (`1`, `"1"`, `"1.0"`, `["1"]`), letter case, white space around them or how
 * their characters are composed. For comparisons in which doubt counts against a call, and for no others.
 */
export function alike(value: JsonValue): JsonValue {
  if (typeof value === 'string') return alikeText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null) return '';
  if (!Array.isArray(value)) {
    const members = Object.entries(value).map(([name, member]) => [name, alike(member ?? null)] as const);
    return Object.fromEntries(members);
  }
  const [only, ...more] = (value as readonly JsonValue[]).map(alike);
  return only !== undefined && more.length === 0 ? only : [...(only === undefined ? [] : [only]), ...more];
}

function alikeText(value: string): string {
  const text = value.normalize('NFKC').trim().toLowerCase();
  return text.length <= LONGEST_NUMBER && NUMBER.test(text) ? String(Number(text)) : text;
}
