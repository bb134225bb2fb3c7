/** Fields of a call that rules over earlier calls name, and what the ledger keeps of each in place of its value. */
import type { Fields } from '../../domain/history.ts';
import { digestOf, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { microsOf } from '../file/amounts.ts';
import { asSchema, type Rule } from '../judge/rule.ts';
import { ruleTest } from '../schema/rule-test.ts';
import { alike } from './alike.ts';

/** Where a value stands: in a call's arguments, or in what it answered. Names, from the outermost in. */
export interface Place {
  readonly side: 'arguments' | 'output';
  readonly names: readonly string[];
}

export interface Field {
  readonly place: Place;
  /** By this the ledger knows it: two fields of one call have one key only where they keep the same of the same place. */
  readonly key: string;
  /** What is kept of a value; undefined where nothing can be. */
  keptOf(value: JsonValue): Fields[string] | undefined;
}

/** `arguments.case_id`, `output.customer.id`. Undefined for any other text. */
export function placeOf(text: string): Place | undefined {
  const [side, ...names] = text.split('.');
  if ((side !== 'arguments' && side !== 'output') || names.length === 0 || names.includes('')) return undefined;
  return { side, names };
}

const placeText = ({ side, names }: Place): string => [side, ...names].join('.');

/** What stands there; undefined where nothing does. Null is nothing: two calls that say nothing do not say the same. */
export function valueAt(value: JsonValue | undefined, names: readonly string[]): JsonValue | undefined {
  let found = value;
  for (const name of names) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found ?? undefined;
}

/** Whether a key is that of a field of the output. */
export const isOfOutput = (key: string): boolean => /^[a-z]+:output\./.test(key);

/** To be compared: where `certain`, with what is exactly the same; else with what a server may take for the same. */
export const comparedField = (place: Place, certain: boolean): Field =>
  certain
    ? { place, key: `is:${placeText(place)}`, keptOf: digestOf }
    : { place, key: `like:${placeText(place)}`, keptOf: (value) => digestOf(alike(value)) };

/** To be added up, in millionths. */
export const summedField = (place: Place): Field => ({
  place,
  key: `sum:${placeText(place)}`,
  keptOf: (value) => {
    const micros = microsOf(value);
    return micros.ok ? micros.value : undefined;
  },
});

/** To be tested. Where `certain`, what cannot be told for sure has not passed; else it has. */
export function testedField(place: Place, rule: Rule, certain: boolean): Field {
  const schema = asSchema(rule, { certain, complete: certain });
  // A value that is too large to judge is one that cannot be told for sure.
  const test = ruleTest(schema, !certain);
  // The session's folder is no part of what the ledger keeps: no such rule is accepted here.
  return { place, key: `test:${placeText(place)}:${digestOf(schema)}`, keptOf: (value) => test(value, '/') };
}

/** What these fields keep of the arguments or of the output. */
export function keptOf(fields: readonly Field[], side: Place['side'], value: JsonValue | undefined): Fields {
  const kept: Record<string, Fields[string]> = {};
  for (const field of fields) {
    const found = field.place.side === side ? valueAt(value, field.place.names) : undefined;
    const part = found === undefined ? undefined : field.keptOf(found);
    if (part !== undefined) kept[field.key] = part;
  }
  return kept;
}

/** The output that rules speak of: a result's structured content, or its one text where that is to be JSON. */
export function outputOfResult(result: JsonObject, from: 'structured' | 'json_text'): JsonValue | undefined {
  if (from === 'structured') return result['structuredContent'];
  const content = result['content'];
  const [only, ...more] = Array.isArray(content) ? (content as readonly JsonValue[]) : [];
  const text = isObject(only) && only['type'] === 'text' && more.length === 0 ? only['text'] : undefined;
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
