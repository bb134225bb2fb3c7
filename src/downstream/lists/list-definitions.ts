/** Reads a server's whole list of tools or prompts, and judges its entries. */
import type { Definition } from '../../domain/contract.ts';
import type { JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { definitionOf, droppedWords } from '../../policy/lock/definition-of.ts';
import { type MirroredArgument, mirroredArguments } from '../../wire/mirrored-arguments.ts';
import { type ListSource, readPages } from './read-pages.ts';

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

/** Refused with the line to log. */
function readEntry(server: string, kind: Kind, entry: JsonValue): Result<Listed, string> {
  const read = definitionOf(server, kind, entry);
  if (!read.ok) return read;
  const definition = read.value;
  if (kind === 'prompt') return ok({ definition, mirrored: [] });
  const mirrored = mirroredArguments(definition.inputSchema);
  return mirrored.ok
    ? ok({ definition, mirrored: mirrored.value })
    : refuse(droppedWords(kind, definition.name, mirrored.error));
}
