/** Where two entries of a list differ: the places in words that a person knows a tool by, the values as they are. */
import { canonical, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';

export type Change =
  /** Words for models or people; undefined where there were none, or are none. */
  | { readonly at: string; readonly kind: 'text'; readonly was: string | undefined; readonly now: string | undefined }
  | {
      readonly at: string;
      readonly kind: 'value';
      readonly was: JsonValue | undefined;
      readonly now: JsonValue | undefined;
    }
  /** An argument, or a member of the output, that came or went. `value` is its whole schema. */
  | {
      readonly at: string;
      readonly kind: 'added' | 'removed';
      readonly required: boolean;
      readonly value: JsonValue | undefined;
    }
  | { readonly at: string; readonly kind: 'required' | 'optional' };

/** Members that hold words. */
const TEXTS = new Set(['description', 'title', '$comment', 'instructions', 'name']);
/** Of a schema: maps of schemas by name, whose changes are told of each by its name. */
const PLACES: Readonly<Record<string, string>> = { inputSchema: 'argument', outputSchema: 'output' };

/** Empty only where the two are the same, value for value. */
export function changesOf(was: JsonObject, now: JsonObject): readonly Change[] {
  const changes = memberByMember(was, now);
  if (changes.length > 0 || canonical(was) === canonical(now)) return changes;
  // What means the same in another form, such as names in another order, is another pin all the same.
  return [{ at: 'its form', kind: 'value', was, now }];
}

function memberByMember(was: JsonObject, now: JsonObject): readonly Change[] {
  return [...new Set([...Object.keys(was), ...Object.keys(now)])].flatMap((member) => {
    const place = PLACES[member];
    const [before, after] = [was[member], now[member]];
    if (canonical(before) === canonical(after)) return [];
    if (place !== undefined && (isObject(before) || isObject(after)))
      return schemaChanges({ noun: place, name: '', own: member }, asObject(before), asObject(after));
    return valueChanges(member, before, after);
  });
}

const asObject = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

/** Where in a schema: `argument \`to.address\``, or the schema itself. */
interface Place {
  readonly noun: string;
  readonly name: string;
  readonly own: string;
}

const wordsOf = ({ noun, name, own }: Place): string => (name === '' ? own : `${noun} \`${name}\``);
const inner = (place: Place, name: string): Place => ({
  ...place,
  name: place.name === '' ? name : `${place.name}.${name}`,
});

function schemaChanges(place: Place, was: JsonObject, now: JsonObject): readonly Change[] {
  const [before, after] = [asObject(was['properties']), asObject(now['properties'])];
  const [needed, needs] = [namesIn(was['required']), namesIn(now['required'])];
  const at = wordsOf(place);
  const names = new Set([...Object.keys(before), ...Object.keys(after), ...needed, ...needs]);
  return [
    ...[...names].flatMap((name) => {
      const member = inner(place, name);
      const [had, has] = [own(before, name), own(after, name)];
      if (had === undefined && has !== undefined)
        return [{ at: wordsOf(member), kind: 'added' as const, required: needs.has(name), value: has }];
      if (had !== undefined && has === undefined)
        return [{ at: wordsOf(member), kind: 'removed' as const, required: needed.has(name), value: had }];
      return [
        ...requiredChange(wordsOf(member), needed.has(name), needs.has(name)),
        ...memberChanges(member, had, has),
      ];
    }),
    ...keywordsOf(was, now).flatMap((keyword) => valueChanges(`${at}: ${keyword}`, was[keyword], now[keyword])),
  ];
}

function memberChanges(place: Place, had: JsonValue | undefined, has: JsonValue | undefined): readonly Change[] {
  if (isObject(had) && isObject(has)) return schemaChanges(place, had, has);
  return valueChanges(wordsOf(place), had, has);
}

const own = (object: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

const requiredChange = (at: string, was: boolean, is: boolean): readonly Change[] =>
  was === is ? [] : [{ at, kind: is ? 'required' : 'optional' }];

const namesIn = (required: JsonValue | undefined): ReadonlySet<string> =>
  new Set(Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []);

/** What is not told name by name. */
const keywordsOf = (was: JsonObject, now: JsonObject): readonly string[] =>
  [...new Set([...Object.keys(was), ...Object.keys(now)])].filter((keyword) => {
    if (keyword === 'properties') return !isObject(was[keyword] ?? {}) || !isObject(now[keyword] ?? {});
    if (keyword === 'required') return !isNames(was[keyword]) || !isNames(now[keyword]);
    return true;
  });

const isNames = (required: JsonValue | undefined): boolean =>
  required === undefined || (Array.isArray(required) && required.every((name) => typeof name === 'string'));

/** Down to the first values that are no objects. */
function valueChanges(at: string, was: JsonValue | undefined, now: JsonValue | undefined): readonly Change[] {
  if (canonical(was) === canonical(now) && (was === undefined) === (now === undefined)) return [];
  if (isObject(was) && isObject(now)) {
    return [...new Set([...Object.keys(was), ...Object.keys(now)])].flatMap((member) =>
      valueChanges(`${at}.${member}`, was[member], now[member]),
    );
  }
  const isText = TEXTS.has(at.slice(Math.max(at.lastIndexOf('.'), at.lastIndexOf(' ')) + 1));
  if (isText && isTextOrNone(was) && isTextOrNone(now)) return [{ at, kind: 'text', was, now }];
  return [{ at, kind: 'value', was, now }];
}

const isTextOrNone = (value: JsonValue | undefined): value is string | undefined =>
  value === undefined || typeof value === 'string';
