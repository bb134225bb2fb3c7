/** Reads a server's whole list of resources, or of resource templates, as it is now. */

import type { ListKind } from '../../domain/downstream.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import type { Accepted } from '../../domain/lock.ts';
import { isOwnUri } from '../../domain/own-uri.ts';
import { ok, type Result } from '../../domain/result.ts';
import { departedTemplates } from '../../policy/lock/departures.ts';
import { unshowable } from '../../policy/lock/unshowable.ts';
import { type ListSource, readPages } from './read-pages.ts';
import { ToldOnce } from './told-once.ts';

const RESOURCE_LISTS = ['resources', 'resourceTemplates'] as const;
export type ResourceList = (typeof RESOURCE_LISTS)[number];

interface ResourceListsOptions {
  /** False for a server that says it has none; it is not asked. */
  mayHave(server: string, list: ListKind): boolean;
  accepted(server: string): readonly Accepted[];
  log(server: string, text: string): void;
}

export class ResourceLists {
  /** What cannot be shown, and templates that are not those of a lock: told once. */
  readonly #told = new ToldOnce();
  readonly #options: ResourceListsOptions;

  constructor(options: ResourceListsOptions) {
    this.#options = options;
  }

  /** Entries that name no resource are left out. Refused with a sentence without a full stop. */
  async read(server: string, list: ResourceList, source: ListSource): Promise<Result<readonly JsonObject[], string>> {
    const { mayHave, accepted, log } = this.#options;
    if (!mayHave(server, 'resources')) return ok([]);
    const entries = await readPages(source, list);
    if (!entries.ok) return entries;
    const identifier = list === 'resources' ? 'uri' : 'uriTemplate';
    const named = entries.value
      .filter(isObject)
      .filter((entry) => typeof entry[identifier] === 'string' && typeof entry['name'] === 'string')
      .filter((entry) => !isOwnUri(String(entry[identifier])) && unshowable(entry) === undefined);
    const dropped = entries.value.length - named.length;
    const lines =
      dropped > 0 ? [`${dropped} of the entries that it lists as ${list} cannot be shown and are dropped`] : [];
    const departed = list === 'resources' ? [] : accepted(server).flatMap((one) => departedTemplates(one, named));
    this.#told.tell(`${server} ${list}`, [...lines, ...departed], (text) => log(server, text));
    return ok(named);
  }

  forget(server: string): void {
    for (const list of RESOURCE_LISTS) this.#told.forget(`${server} ${list}`);
  }
}
