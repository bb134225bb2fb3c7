/** Reads a server's whole list of resources, or of resource templates, as it is now. */
import { isObject, type JsonObject } from '../../domain/json.ts';
import { ok, type Result } from '../../domain/result.ts';
import { type ListSource, readPages, unshowable } from './read-pages.ts';

export const RESOURCE_LISTS = ['resources', 'resourceTemplates'] as const;
export type ResourceList = (typeof RESOURCE_LISTS)[number];

/** Entries that name no resource are left out; `log` hears how many. Refused with a sentence without a full stop. */
export async function listResources(
  source: ListSource,
  list: ResourceList,
  log: (text: string) => void,
): Promise<Result<readonly JsonObject[], string>> {
  const entries = await readPages(source, list);
  if (!entries.ok) return entries;
  const identifier = list === 'resources' ? 'uri' : 'uriTemplate';
  const named = entries.value
    .filter(isObject)
    .filter((entry) => typeof entry[identifier] === 'string' && typeof entry['name'] === 'string')
    .filter((entry) => unshowable(entry) === undefined);
  const dropped = entries.value.length - named.length;
  if (dropped > 0) log(`${dropped} of the entries that it lists as ${list} cannot be shown and are dropped`);
  return ok(named);
}
