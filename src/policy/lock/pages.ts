/** Pages that tools show (MCP Apps): pinned by what a read of each answers. */
import type { Definition } from '../../domain/contract.ts';
import { digestOf, isObject, type JsonObject } from '../../domain/json.ts';

/** The page that a tool shows (`_meta.ui.resourceUri`). */
export function pageOf({ raw }: Definition): string | undefined {
  const ui = isObject(raw['_meta']) ? raw['_meta']['ui'] : undefined;
  const uri = isObject(ui) ? ui['resourceUri'] : undefined;
  return typeof uri === 'string' ? uri : undefined;
}

/** The digest of what a read answered. */
export const pageDigest = (result: JsonObject): string => digestOf(result['contents'] ?? null);

/** Whether this is the address of a page, as the most lenient of clients reads it. */
export const isPage = (uri: string): boolean => /^\s*ui:/i.test(uri);

/** Whether a resource that a result holds is what a read of that page answered when it was pinned, or is no page at all. */
export function isAcceptedPage(resource: JsonObject, pages: ReadonlyMap<string, string> = new Map()): boolean {
  const { uri } = resource;
  if (typeof uri !== 'string' || !isPage(uri)) return true;
  return pages.get(uri) === pageDigest({ contents: [resource] });
}
