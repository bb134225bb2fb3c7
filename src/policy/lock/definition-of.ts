/**
 * What a server's list says of one tool or prompt, as a definition. The gateway makes them of what servers answer, the lock
 * file of what a person accepted: both here, so that a pin means the same on both sides.
 */
import type { Definition } from '../../domain/contract.ts';
import { deepFreeze, digestOf, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { unshowable } from './unshowable.ts';

type Kind = Definition['kind'];
type Interface = Pick<Definition, 'inputSchema' | 'outputSchema'>;

/** The digest of a list's entry but for its `annotations`: hints for the operator, which agents are never shown as they are. */
export function pinOf(entry: JsonObject): string {
  const { annotations: _hints, ...pinned } = entry;
  return digestOf(pinned);
}

/** Refused with the line to log. The entry is frozen. */
export function definitionOf(server: string, kind: Kind, entry: JsonValue): Result<Definition, string> {
  if (!isObject(entry) || typeof entry['name'] !== 'string')
    return refuse('an entry of the list has no name and is dropped');
  const { name, description } = entry;
  const odd = unshowable(entry);
  const read = odd === undefined ? INTERFACES[kind](entry) : refuse(odd);
  if (!read.ok) return refuse(droppedWords(kind, name, read.error));
  return ok({
    kind,
    server,
    name,
    description: typeof description === 'string' ? description : undefined,
    ...read.value,
    raw: deepFreeze(entry),
    pin: pinOf(entry),
  });
}

export const droppedWords = (kind: Kind, name: string, why: string): string =>
  `the ${kind} ${name.slice(0, 100)} is dropped: ${why}`;

/** Refused with why an entry is of no use, as a sentence without a full stop. */
const INTERFACES: Readonly<Record<Kind, (entry: JsonObject) => Result<Interface, string>>> = {
  tool: ({ inputSchema, outputSchema }) => {
    if (!isObject(inputSchema)) return refuse('it has no input schema');
    const { type, properties = {}, required = [] } = inputSchema;
    if (type !== 'object' || !isObject(properties) || !Array.isArray(required))
      return refuse('its input schema describes no object');
    return ok({ inputSchema, outputSchema: isObject(outputSchema) ? outputSchema : undefined });
  },
  prompt: ({ arguments: given = [] }) => {
    const described = Array.isArray(given) ? (given as readonly JsonValue[]) : undefined;
    if (described === undefined) return refuse('its arguments are no list');
    const properties = new Map<string, JsonObject>();
    const required: string[] = [];
    for (const one of described) {
      if (!isObject(one) || typeof one['name'] !== 'string') return refuse('one of its arguments has no name');
      const { name, description } = one;
      if (unshowable(one) !== undefined) return refuse('one of its arguments is described in a form that is not valid');
      if (properties.has(name)) return refuse('two of its arguments have the same name');
      properties.set(name, { type: 'string', ...(typeof description === 'string' && { description }) });
      if (one['required'] === true) required.push(name);
    }
    const inputSchema = {
      type: 'object',
      properties: Object.fromEntries(properties),
      required,
      additionalProperties: false,
    };
    return ok({ inputSchema: deepFreeze(inputSchema), outputSchema: undefined });
  },
};
