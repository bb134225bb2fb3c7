/** Reads a server's whole list of tools or prompts, and judges its entries. */
import type { Definition } from '../../domain/contract.ts';
import { deepFreeze, digestOf, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { type MirroredArgument, mirroredArguments } from '../../wire/mirrored-arguments.ts';
import { type ListSource, readPages, unshowable } from './read-pages.ts';

type Kind = Definition['kind'];

export interface Listed {
  readonly definition: Definition;
  readonly mirrored: readonly MirroredArgument[];
}

/** What a server describes, in its order. `log` hears of entries that were dropped. Refused with a sentence without a full stop. */
export async function listDefinitions(
  server: string,
  kind: Kind,
  source: ListSource,
  log: (text: string) => void,
): Promise<Result<readonly Listed[], string>> {
  const entries = await readPages(source, kind === 'tool' ? 'tools' : 'prompts');
  if (!entries.ok) return entries;
  const listed = new Map<string, Listed>();
  const doubled = new Set<string>();
  for (const entry of entries.value) {
    const one = readEntry(server, kind, entry);
    if (!one.ok) {
      log(one.error);
      continue;
    }
    const { name } = one.value.definition;
    if (listed.has(name)) doubled.add(name);
    listed.set(name, one.value);
  }
  for (const name of doubled) {
    listed.delete(name);
    log(`the ${kind} ${name} stands twice in the list and is dropped`);
  }
  return ok([...listed.values()]);
}

/** What calls of it are judged by. */
type Interface = Pick<Definition, 'inputSchema' | 'outputSchema'> & Pick<Listed, 'mirrored'>;

/** Refused with the line to log. */
function readEntry(server: string, kind: Kind, entry: JsonValue): Result<Listed, string> {
  if (!isObject(entry) || typeof entry['name'] !== 'string')
    return refuse('an entry of the list has no name and is dropped');
  const { name, description } = entry;
  const odd = unshowable(entry);
  const read = odd === undefined ? INTERFACES[kind](entry) : refuse(odd);
  if (!read.ok) return refuse(`the ${kind} ${name.slice(0, 100)} is dropped: ${read.error}`);
  const { inputSchema, outputSchema, mirrored } = read.value;
  const definition: Definition = {
    kind,
    server,
    name,
    description: typeof description === 'string' ? description : undefined,
    inputSchema,
    outputSchema,
    raw: deepFreeze(entry),
    pin: digestOf(entry),
  };
  return ok({ definition, mirrored });
}

/** Refused with why an entry is of no use, as a sentence without a full stop. */
const INTERFACES: Readonly<Record<Kind, (entry: JsonObject) => Result<Interface, string>>> = {
  tool: ({ inputSchema, outputSchema }) => {
    if (!isObject(inputSchema)) return refuse('it has no input schema');
    const { type, properties = {}, required = [] } = inputSchema;
    if (type !== 'object' || !isObject(properties) || !Array.isArray(required))
      return refuse('its input schema describes no object');
    const mirrored = mirroredArguments(inputSchema);
    if (!mirrored.ok) return mirrored;
    return ok({
      inputSchema,
      outputSchema: isObject(outputSchema) ? outputSchema : undefined,
      mirrored: mirrored.value,
    });
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
    return ok({ inputSchema: deepFreeze(inputSchema), outputSchema: undefined, mirrored: [] });
  },
};
