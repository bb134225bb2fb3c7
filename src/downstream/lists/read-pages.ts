/** Reads a whole list of a server, page by page, within bounds. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { requestText } from '../../wire/outgoing.ts';
import type { Era } from '../../wire/revisions.ts';
import type { Reply } from '../links/channel.ts';
import { whyNot } from '../links/era.ts';
import type { PeerRequest } from '../links/peer.ts';
import type { Reader } from './reader.ts';

/** Lists are read to the end, but no endless one is. */
const MOST_PAGES = 100;
const MOST_ENTRIES = 2_000;
/** Milliseconds for one page. */
const PAGE_WITHIN = 30_000;

const METHOD_NOT_FOUND = -32601;

/** By the member of the result that holds the entries: how a list is asked for, and what it is called. */
const LISTS = {
  tools: { method: 'tools/list', entries: 'tools' },
  prompts: { method: 'prompts/list', entries: 'prompts' },
  resources: { method: 'resources/list', entries: 'resources' },
  resourceTemplates: { method: 'resources/templates/list', entries: 'resource templates' },
} as const;

/** A connection, as far as listing needs it. */
export interface ListSource {
  readonly era: Era;
  /** Whether the server may show it less than was pinned. */
  readonly isPartial?: boolean;
  /** Whose view it is; undefined where all connections to the server see the same. */
  readonly reader?: Reader;
  request(request: PeerRequest): Promise<Reply>;
}

/** The entries as they came. Refused with a sentence without a full stop. */
export async function readPages(
  source: ListSource,
  list: keyof typeof LISTS,
): Promise<Result<readonly JsonValue[], string>> {
  const { method, entries: noun } = LISTS[list];
  const entries: JsonValue[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const params: JsonObject = cursor === undefined ? {} : { cursor };
    const reply = await source.request({
      method,
      text: (id) => requestText(source.era, id, method, params),
      within: PAGE_WITHIN,
      late: `no answer to ${method} within ${PAGE_WITHIN / 1000} s`,
      cancellable: true,
    });
    // A server that has none may say so in this way.
    if (reply.kind === 'error' && reply.code === METHOD_NOT_FOUND && page === 0) return ok([]);
    const result = reply.kind === 'result' && isObject(reply.result) ? reply.result : undefined;
    if (result === undefined || !Array.isArray(result[list])) return refuse(whyNot(reply, method));
    const listed = result[list] as readonly JsonValue[];
    if (entries.length + listed.length > MOST_ENTRIES) return refuse(`it lists more than ${MOST_ENTRIES} ${noun}`);
    entries.push(...listed);
    const next = result['nextCursor'];
    if (typeof next !== 'string') return ok(entries);
    if (seen.has(next)) return refuse(`its list of ${noun} repeats a page`);
    seen.add(next);
    cursor = next;
  }
  return refuse(`its list of ${noun} has more than ${MOST_PAGES} pages`);
}
