/**
 * Sets of JSON values, as far as a schema can be understood: never smaller than what the schema accepts. So `none` and
 * `!admits` are certain, and everything else says no more than "perhaps".
 */
import { canonical, isObject, type JsonValue } from '../../domain/json.ts';

export const TYPES = ['boolean', 'number', 'string', 'array', 'object', 'null'] as const;
export type Type = (typeof TYPES)[number];

/** Numbers or sizes from `least` to `most`; where open, without that end itself. */
export interface Range {
  readonly least: number;
  readonly most: number;
  readonly leastOpen: boolean;
  readonly mostOpen: boolean;
}

/** Values of one type. */
export interface Kind {
  /** Of numbers themselves; of texts their characters; of lists and objects how many they hold. */
  readonly range: Range;
  /** Of numbers: whether they have no fraction. */
  readonly whole: boolean;
  /** Undefined where they are not all known one by one. */
  readonly values: readonly JsonValue[] | undefined;
  /** Of lists: what each item is. */
  readonly item: (() => ValueSet) | undefined;
  /** Of objects: what the member of a name is. */
  readonly member: ((name: string) => ValueSet) | undefined;
  /** Of objects: all names that they can have; undefined where there may be others. */
  readonly names: ReadonlySet<string> | undefined;
}

export type ValueSet = ReadonlyMap<Type, Kind>;

const EVERY: Range = {
  least: Number.NEGATIVE_INFINITY,
  most: Number.POSITIVE_INFINITY,
  leastOpen: false,
  mostOpen: false,
};

export const ANY_KIND: Kind = {
  range: EVERY,
  whole: false,
  values: undefined,
  item: undefined,
  member: undefined,
  names: undefined,
};

export const NONE: ValueSet = new Map();
export const ALL: ValueSet = new Map(TYPES.map((type) => [type, ANY_KIND]));

/** The values of these types alone, each of this kind. */
export const ofTypes = (types: readonly Type[], kind: Kind = ANY_KIND): ValueSet =>
  new Map(types.map((type) => [type, kind]));

function typeOf(value: JsonValue): Type {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return isObject(value) ? 'object' : (typeof value as Type);
}

/** These very values. */
export function ofValues(values: readonly JsonValue[]): ValueSet {
  const types = [...new Set(values.map(typeOf))];
  return new Map(
    types.map((type) => [type, { ...ANY_KIND, values: values.filter((value) => typeOf(value) === type) }]),
  );
}

/** False is certain. */
export function admits(set: ValueSet, value: JsonValue): boolean {
  const kind = set.get(typeOf(value));
  return kind !== undefined && kindAdmits(kind, value);
}

function kindAdmits(kind: Kind, value: JsonValue): boolean {
  if (kind.values !== undefined && !kind.values.some((one) => canonical(one) === canonical(value))) return false;
  if (typeof value === 'number') return isWithin(kind.range, value) && (!kind.whole || Number.isInteger(value));
  if (typeof value === 'string') return isWithin(kind.range, [...value].length);
  if (Array.isArray(value)) return isWithin(kind.range, value.length) && everyItem(kind, value);
  if (!isObject(value)) return true;
  return (
    isWithin(kind.range, Object.keys(value).length) &&
    Object.entries(value).every(([name, one]) => fits(kind, name, one))
  );
}

const everyItem = (kind: Kind, items: readonly JsonValue[]): boolean => {
  const item = kind.item?.();
  return item === undefined || items.every((one) => admits(item, one));
};

const fits = (kind: Kind, name: string, value: JsonValue | undefined): boolean =>
  (kind.names?.has(name) ?? true) && (kind.member === undefined || admits(kind.member(name), value ?? null));

function isWithin({ least, most, leastOpen, mostOpen }: Range, value: number): boolean {
  return (leastOpen ? value > least : value >= least) && (mostOpen ? value < most : value <= most);
}

/** What is in both. */
export function meet(one: ValueSet, other: ValueSet): ValueSet {
  const met = new Map<Type, Kind>();
  for (const [type, kind] of one) {
    const more = other.get(type);
    const both = more === undefined ? undefined : meetKinds(kind, more);
    if (both !== undefined) met.set(type, both);
  }
  return met;
}

function meetKinds(one: Kind, other: Kind): Kind | undefined {
  if (one === ANY_KIND) return other;
  if (other === ANY_KIND) return one;
  const range = meetRanges(one.range, other.range);
  const { names, member, item } = one;
  const kind: Kind = {
    range,
    whole: one.whole || other.whole,
    values: one.values ?? other.values,
    item: bothOf(item, other.item),
    member:
      member === undefined || other.member === undefined ? (member ?? other.member) : meetMembers(member, other.member),
    names:
      names === undefined || other.names === undefined
        ? (names ?? other.names)
        : new Set([...names].filter((name) => other.names?.has(name))),
  };
  if (isEmptyRange(range, kind.whole)) return undefined;
  if (kind.values === undefined) return kind;
  const values = kind.values.filter((value) => kindAdmits(one, value) && kindAdmits(other, value));
  return values.length === 0 ? undefined : { ...kind, values };
}

const bothOf = (one: Kind['item'], other: Kind['item']): Kind['item'] =>
  one === undefined || other === undefined ? (one ?? other) : () => meet(one(), other());

const meetMembers =
  (one: (name: string) => ValueSet, other: (name: string) => ValueSet) =>
  (name: string): ValueSet =>
    meet(one(name), other(name));

function meetRanges(one: Range, other: Range): Range {
  const low = one.least > other.least || (one.least === other.least && one.leastOpen) ? one : other;
  const high = one.most < other.most || (one.most === other.most && one.mostOpen) ? one : other;
  return { least: low.least, leastOpen: low.leastOpen, most: high.most, mostOpen: high.mostOpen };
}

function isEmptyRange({ least, most, leastOpen, mostOpen }: Range, whole: boolean): boolean {
  if (least > most || (least === most && (leastOpen || mostOpen))) return true;
  // Between two neighbours there is no whole number. Far out, where doubles have no fractions, nothing is claimed.
  const first = leastOpen ? Math.floor(least) + 1 : Math.ceil(least);
  const last = mostOpen ? Math.ceil(most) - 1 : Math.floor(most);
  return whole && Number.isSafeInteger(first) && Number.isSafeInteger(last) && first > last;
}

/** What is in one or the other, and perhaps more. */
export function join(one: ValueSet, other: ValueSet): ValueSet {
  const joined = new Map(one);
  for (const [type, kind] of other) {
    const more = joined.get(type);
    joined.set(type, more === undefined ? kind : joinKinds(more, kind));
  }
  return joined;
}

function joinKinds(one: Kind, other: Kind): Kind {
  if (one === ANY_KIND || other === ANY_KIND) return ANY_KIND;
  const { item, member, names } = one;
  const { item: otherItem, member: otherMember, names: otherNames } = other;
  return {
    range: joinRanges(one.range, other.range),
    whole: one.whole && other.whole,
    values: one.values === undefined || other.values === undefined ? undefined : [...one.values, ...other.values],
    item: item === undefined || otherItem === undefined ? undefined : () => join(item(), otherItem()),
    member:
      member === undefined || otherMember === undefined ? undefined : (name) => join(member(name), otherMember(name)),
    names: names === undefined || otherNames === undefined ? undefined : new Set([...names, ...otherNames]),
  };
}

function joinRanges(one: Range, other: Range): Range {
  const low = one.least < other.least || (one.least === other.least && !one.leastOpen) ? one : other;
  const high = one.most > other.most || (one.most === other.most && !one.mostOpen) ? one : other;
  return { least: low.least, leastOpen: low.leastOpen, most: high.most, mostOpen: high.mostOpen };
}
