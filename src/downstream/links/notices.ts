/** What a server tells unasked: lists that changed, and resources that did. */

import type { ListKind } from '../../domain/downstream.ts';
import { isObject, type JsonValue } from '../../domain/json.ts';
import type { Origin } from './channel.ts';

export const UPDATED = 'notifications/resources/updated';
/** By method, which is a stranger's word: no object, where every name of `Object.prototype` would be found. */
const LIST_CHANGED: ReadonlyMap<string, ListKind> = new Map([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/prompts/list_changed', 'prompts'],
  ['notifications/resources/list_changed', 'resources'],
]);
const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

export class Notices {
  readonly #listChanged: (list: ListKind) => void;
  readonly #updates = new Set<(uri: string) => void>();

  constructor(listChanged: (list: ListKind) => void) {
    this.#listChanged = listChanged;
  }

  receive(method: string, params: JsonValue | undefined): void {
    const list = LIST_CHANGED.get(method);
    if (list !== undefined) this.#listChanged(list);
    const uri = method === UPDATED ? uriOf(params) : undefined;
    if (uri !== undefined) for (const updated of this.#updates) updated(uri);
  }

  /** Tells of every resource that changed, until the function that it gives is called. */
  onUpdated(listener: (uri: string) => void): () => void {
    this.#updates.add(listener);
    return () => void this.#updates.delete(listener);
  }
}

export function uriOf(params: JsonValue | undefined): string | undefined {
  const uri = isObject(params) ? params['uri'] : undefined;
  return typeof uri === 'string' ? uri : undefined;
}

/** Which subscription a notification belongs to, by the request that opened it (basic/patterns/subscriptions.mdx). */
export function subscriptionOf(
  method: string,
  params: JsonValue | undefined,
  origin: Origin | undefined,
): number | undefined {
  if (origin !== undefined) return origin.id;
  if (!isObject(params)) return undefined;
  const id =
    method === 'notifications/cancelled'
      ? params['requestId']
      : isObject(params['_meta'])
        ? params['_meta'][SUBSCRIPTION_ID]
        : undefined;
  return typeof id === 'number' ? id : undefined;
}
