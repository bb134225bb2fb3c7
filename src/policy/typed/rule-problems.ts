/** A rule against the values that a tool takes where it stands. Only what is certain is told. */
import type { Path } from '../../document/document.ts';
import { didYouMean } from '../../document/nearest.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { asSchema, rule, SPEAKS_OF } from '../judge/rule.ts';
import { listOf, quoted } from '../judge/rule-words.ts';
import { itemOf, memberOf, valuesOf } from './schema-values.ts';
import { admits, meet, type ValueSet } from './value-set.ts';
import { valueWords } from './value-words.ts';

export interface Reading {
  readonly certain: boolean;
  readonly excluded: boolean;
}

/** Something wrong with the value at a path, or with the key that ends it. */
export interface Misfit {
  readonly path: Path;
  readonly of: 'value' | 'key';
  readonly message: string;
}

/**
 * What is wrong with a rule as the file has it (`written`), over values of which all are in `set`. `certain` is how it is
 * read (`rule.ts`); where `excluded`, by a `not`: what is excluded may well be nothing. Nothing for what is no rule: that is told where rules are read.
 */
export function ruleMisfits(
  written: JsonValue | undefined,
  set: ValueSet,
  path: Path,
  reading: Reading,
): readonly Misfit[] {
  if (!isObject(written) || set.size === 0) return [];
  const own = [
    ...ofOtherTypes(written, set, path),
    ...valuesNeverTaken(written, set, path),
    ...namesNeverTaken(written, set, path),
  ];
  const found = [...own, ...nestedMisfits(written, set, path, reading)];
  return found.length > 0 || reading.excluded ? found : never(written, set, path, reading);
}

function ofOtherTypes(written: JsonObject, set: ValueSet, path: Path): readonly Misfit[] {
  return Object.keys(written).flatMap((keyword): readonly Misfit[] => {
    const type = Object.hasOwn(SPEAKS_OF, keyword) ? SPEAKS_OF[keyword] : undefined;
    if (type === undefined || set.has(type)) return [];
    return [{ path: [...path, keyword], of: 'value', message: `"${keyword}" says nothing here: ${taken(set)}` }];
  });
}

const taken = (set: ValueSet): string => `the tool takes ${valueWords(set)}`;

function valuesNeverTaken(written: JsonObject, set: ValueSet, path: Path): readonly Misfit[] {
  const values = Array.isArray(written['enum']) ? (written['enum'] as readonly JsonValue[]) : [];
  const named = values.map((value, at) => [value, [...path, 'enum', at]] as const);
  const one = written['const'];
  return [...named, ...(one === undefined ? [] : [[one, [...path, 'const']] as const])]
    .filter(([value]) => !admits(set, value))
    .map(([value, place]) => ({
      path: place,
      of: 'value',
      message: `the tool never takes ${JSON.stringify(value)} here${nearestText(value, set)}; ${taken(set)}`,
    }));
}

function nearestText(value: JsonValue, set: ValueSet): string {
  const texts = (set.get('string')?.values ?? []).filter((one) => typeof one === 'string');
  return typeof value === 'string' ? didYouMean(value, texts) : '';
}

/** Members that no object which the tool takes can have. */
function namesNeverTaken(written: JsonObject, set: ValueSet, path: Path): readonly Misfit[] {
  const names = set.get('object')?.names;
  if (names === undefined) return [];
  const properties = isObject(written['properties']) ? Object.keys(written['properties']) : [];
  const required = Array.isArray(written['required']) ? (written['required'] as readonly JsonValue[]) : [];
  const message = (name: string) =>
    `what the tool takes here has no member "${name}"${didYouMean(name, names) || `; it has ${listOf([...names].map(quoted))}`}`;
  return [
    ...properties.map((name): readonly [string, Misfit['of'], Path] => [name, 'key', [...path, 'properties', name]]),
    ...required.map((name, at): readonly [string, Misfit['of'], Path] => [
      String(name),
      'value',
      [...path, 'required', at],
    ]),
  ]
    .filter(([name]) => !names.has(name))
    .map(([name, of, place]) => ({ path: place, of, message: message(name) }));
}

function nestedMisfits(written: JsonObject, set: ValueSet, path: Path, reading: Reading): readonly Misfit[] {
  const inside = (keyword: string, values: ValueSet) =>
    ruleMisfits(written[keyword], values, [...path, keyword], reading);
  const each = (keyword: string, values: ValueSet) =>
    (Array.isArray(written[keyword]) ? (written[keyword] as readonly JsonValue[]) : []).flatMap((one, at) =>
      ruleMisfits(one, values, [...path, keyword, at], reading),
    );
  const item = itemOf(set);
  const properties = isObject(written['properties']) ? Object.entries(written['properties']) : [];
  return [
    ...inside('items', item),
    ...inside('contains', item),
    ...each('prefixItems', item),
    ...properties.flatMap(([name, one]) =>
      ruleMisfits(one, memberOf(set, name), [...path, 'properties', name], reading),
    ),
    ...each('anyOf', set),
    ...each('allOf', set),
    ...ruleMisfits(written['not'], set, [...path, 'not'], { certain: !reading.certain, excluded: true }),
  ];
}

function never(written: JsonObject, set: ValueSet, path: Path, reading: Reading): readonly Misfit[] {
  const read = rule.safeParse(written);
  if (!read.success) return [];
  const both = meet(set, valuesOf(asSchema(read.data, { certain: reading.certain, complete: false })));
  return both.size > 0
    ? []
    : [{ path, of: 'value', message: `no value that the tool takes can meet this: it takes ${valueWords(set)}` }];
}
