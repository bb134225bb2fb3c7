/** Reads a server's whole list of tools, within bounds, and judges its entries. */
import type { Definition } from '../domain/contract.ts';
import { deepFreeze, digestOf, isDeeper, isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { requestText } from '../wire/outgoing.ts';
import type { Era } from '../wire/revisions.ts';
import type { Reply } from './channel.ts';
import { whyNot } from './era.ts';
import { type MirroredArgument, mirroredArguments } from './mirrored-arguments.ts';
import type { PeerRequest } from './peer.ts';

/** Lists are read to the end, but no endless one is. */
const MOST_PAGES = 100;
const MOST_TOOLS = 2_000;
/** One entry's size in characters of JSON, and its depth. */
const LARGEST_ENTRY = 256 * 1024;
const DEEPEST_ENTRY = 64;
/** Milliseconds for one page. */
const PAGE_WITHIN = 30_000;

const METHOD_NOT_FOUND = -32601;

/** A connection, as far as listing needs it. */
export interface ListSource {
  readonly era: Era;
  request(request: PeerRequest): Promise<Reply>;
}

export interface ListedTool {
  readonly definition: Definition;
  readonly mirrored: readonly MirroredArgument[];
}

/** The tools of a server in its order. `log` hears of entries that were dropped. Refused with a sentence without a full stop. */
export async function listTools(
  server: string,
  source: ListSource,
  log: (text: string) => void,
): Promise<Result<readonly ListedTool[], string>> {
  const entries = await readPages(source);
  if (!entries.ok) return entries;
  const tools = new Map<string, ListedTool>();
  const doubled = new Set<string>();
  for (const entry of entries.value) {
    const tool = readEntry(server, entry);
    if (!tool.ok) {
      log(tool.error);
      continue;
    }
    const name = tool.value.definition.name;
    if (tools.has(name)) doubled.add(name);
    tools.set(name, tool.value);
  }
  for (const name of doubled) {
    tools.delete(name);
    log(`the tool ${name} stands twice in the list and is dropped`);
  }
  return ok([...tools.values()]);
}

async function readPages(source: ListSource): Promise<Result<readonly JsonValue[], string>> {
  const entries: JsonValue[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const params: JsonObject = cursor === undefined ? {} : { cursor };
    const reply = await source.request({
      method: 'tools/list',
      text: (id) => requestText(source.era, id, 'tools/list', params),
      within: PAGE_WITHIN,
      late: `no answer to tools/list within ${PAGE_WITHIN / 1000} s`,
      cancellable: true,
    });
    // A server without tools may say so in this way.
    if (reply.kind === 'error' && reply.code === METHOD_NOT_FOUND && page === 0) return ok([]);
    const result = reply.kind === 'result' && isObject(reply.result) ? reply.result : undefined;
    if (result === undefined || !Array.isArray(result['tools'])) return refuse(whyNot(reply, 'tools/list'));
    const listed = result['tools'] as readonly JsonValue[];
    if (entries.length + listed.length > MOST_TOOLS) return refuse(`it lists more than ${MOST_TOOLS} tools`);
    entries.push(...listed);
    const next = result['nextCursor'];
    if (typeof next !== 'string') return ok(entries);
    if (seen.has(next)) return refuse('its list of tools repeats a page');
    seen.add(next);
    cursor = next;
  }
  return refuse(`its list of tools has more than ${MOST_PAGES} pages`);
}

/** Refused with the line to log. */
function readEntry(server: string, entry: JsonValue): Result<ListedTool, string> {
  if (!isObject(entry) || typeof entry['name'] !== 'string')
    return refuse('an entry of the list has no name and is dropped');
  const { name: tool, description, inputSchema, outputSchema } = entry;
  const drop = (why: string) => refuse(`the tool ${tool.slice(0, 100)} is dropped: ${why}`);
  if (isDeeper(entry, DEEPEST_ENTRY)) return drop(`its entry is nested deeper than ${DEEPEST_ENTRY} levels`);
  if (JSON.stringify(entry).length > LARGEST_ENTRY) return drop(`its entry is larger than ${LARGEST_ENTRY >> 10} KiB`);
  if (!isObject(inputSchema)) return drop('it has no input schema');
  const mirrored = mirroredArguments(inputSchema);
  if (!mirrored.ok) return drop(mirrored.error);
  const definition: Definition = {
    kind: 'tool',
    server,
    name: tool,
    description: typeof description === 'string' ? description : undefined,
    inputSchema,
    outputSchema: isObject(outputSchema) ? outputSchema : undefined,
    raw: deepFreeze(entry),
    pin: digestOf(entry),
  };
  return ok({ definition, mirrored: mirrored.value });
}
