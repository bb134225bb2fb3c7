import { isDeeper, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';

/** One entry's size in characters of JSON, and its depth. */
const LARGEST_ENTRY = 256 * 1024;
const DEEPEST_ENTRY = 64;

type Shape = (value: JsonValue) => boolean;
const isText: Shape = (value) => typeof value === 'string';
const isIcon: Shape = (value) => isObject(value) && isText(value['src'] ?? null);

/** Members that clients read of an entry of any list. Clients refuse a whole list for one that is of another type. */
const SHAPES: readonly (readonly [member: string, shape: Shape])[] = [
  ['title', isText],
  ['description', isText],
  ['mimeType', isText],
  ['size', (value) => typeof value === 'number'],
  ['annotations', isObject],
  ['execution', isObject],
  ['_meta', isObject],
  ['icons', (value) => Array.isArray(value) && value.every(isIcon)],
];

/** Why an entry can be shown to nobody, or undefined: one server's entry must not hide those of the others. */
export function unshowable(entry: JsonObject): string | undefined {
  const odd = SHAPES.find(([member, shape]) => entry[member] !== undefined && !shape(entry[member] ?? null));
  return odd === undefined ? excessOf(entry) : `its ${odd[0]} is of the wrong type`;
}

/** Why an entry is too much to keep, or undefined. */
function excessOf(entry: JsonObject): string | undefined {
  if (isDeeper(entry, DEEPEST_ENTRY)) return `its entry is nested deeper than ${DEEPEST_ENTRY} levels`;
  return JSON.stringify(entry).length > LARGEST_ENTRY
    ? `its entry is larger than ${LARGEST_ENTRY >> 10} KiB`
    : undefined;
}
