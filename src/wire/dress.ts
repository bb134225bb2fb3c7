/** Results in the dress of the revision that their client speaks: what a revision has no word for is said in another way. */
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import type { RequestId } from './faults.ts';
import { type Client, complete, PRIVATE_AND_STALE } from './modern.ts';
import type { Era } from './revisions.ts';

/** Whom a result is for, and who we say we are. */
export interface Dress {
  readonly era: Era;
  readonly revision: string;
  readonly server: Client;
  /** Where a person answers a hold. */
  readonly holdUrl: (hold: string) => string;
  /** Where people find out what became of a call, by its id. */
  readonly outcomeUrl: (call: string) => string;
}

export const resultText = (id: RequestId, result: JsonObject, dress: Dress): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result: dress.era === 'modern' ? complete(result, dress.server) : result });

/** What a server answered, ready for `resultText`. */
export function dressed(operation: Operation, result: JsonObject, { era, revision }: Dress): JsonObject {
  if (era === 'modern') {
    return operation === 'resources/read' ? { ...result, resultType: 'complete', ...PRIVATE_AND_STALE } : result;
  }
  const plain = withoutModernWords(result);
  if (operation === 'tools/call') return toolResult(plain, revision);
  return operation === 'prompts/get' ? promptResult(plain, revision) : plain;
}

/** Revisions are dates, so the alphabet is their order. */
const KNOWS_STRUCTURE_AND_LINKS = '2025-06-18';
const KNOWS_AUDIO = '2025-03-26';

function withoutModernWords(result: JsonObject): JsonObject {
  if (result['resultType'] === undefined && result['ttlMs'] === undefined && result['cacheScope'] === undefined)
    return result;
  const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, ...rest } = result;
  return rest;
}

/** Legacy structured content is an object; any other value goes as text, where nothing else says it. */
function toolResult(result: JsonObject, revision: string): JsonObject {
  const { structuredContent, content } = result;
  const keepsStructure =
    structuredContent === undefined || (isObject(structuredContent) && revision >= KNOWS_STRUCTURE_AND_LINKS);
  if (keepsStructure && revision >= KNOWS_STRUCTURE_AND_LINKS) return result;
  const { structuredContent: _structure, ...rest } = result;
  const blocks = Array.isArray(content) ? (content as readonly JsonValue[]) : [];
  const said = structuredContent === undefined || blocks.length > 0 ? blocks : [textBlock(structuredContent)];
  return { ...rest, content: said.map((block) => contentBlock(block, revision)) };
}

const textBlock = (value: JsonValue): JsonObject => ({ type: 'text', text: JSON.stringify(value) });

function promptResult(result: JsonObject, revision: string): JsonObject {
  const { messages } = result;
  if (revision >= KNOWS_STRUCTURE_AND_LINKS || !Array.isArray(messages)) return result;
  const said = (messages as readonly JsonValue[]).map((message) =>
    isObject(message) ? { ...message, content: contentBlock(message['content'], revision) } : message,
  );
  return { ...result, messages: said };
}

/** A block of content that an older revision does not know, as text. */
function contentBlock<Block extends JsonValue | undefined>(block: Block, revision: string): Block | JsonObject {
  if (!isObject(block)) return block;
  const { type, name, uri, mimeType } = block;
  if (type === 'resource_link' && revision < KNOWS_STRUCTURE_AND_LINKS)
    return { type: 'text', text: `${String(name ?? 'resource')}: ${String(uri)}` };
  if (type === 'audio' && revision < KNOWS_AUDIO)
    return { type: 'text', text: `Audio (${String(mimeType)}) that this client cannot be given` };
  return block;
}

/** Entries of a list. Legacy output schemas describe an object, and older revisions know none. */
export function dressedEntries(entries: readonly JsonObject[], { era, revision }: Dress): readonly JsonObject[] {
  if (era === 'modern') return entries;
  return entries.map((entry) => {
    const { outputSchema: schema, ...rest } = entry;
    const isKnown = isObject(schema) && schema['type'] === 'object' && revision >= KNOWS_STRUCTURE_AND_LINKS;
    return schema === undefined || isKnown ? entry : rest;
  });
}
