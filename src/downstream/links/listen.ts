/** `subscriptions/listen` of 2026-07-28 (basic/patterns/subscriptions.mdx), from the request to the end of its stream. */

import type { ListKind } from '../../domain/downstream.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import { requestText } from '../../wire/outgoing.ts';
import { READY_WITHIN } from './era.ts';
import type { Over, Stand, Subscribing } from './link.ts';
import { UPDATED, uriOf } from './notices.ts';
import type { Peer } from './peer.ts';

const FILTERS = {
  tools: 'toolsListChanged',
  prompts: 'promptsListChanged',
  resources: 'resourcesListChanged',
} as const satisfies Record<ListKind, string>;

/** Follows the changes of these lists. What is told reaches the peer's notices. */
export function listenToLists(peer: Peer, lists: readonly ListKind[], stand: Stand): Promise<Over> {
  const wanted = Object.fromEntries(lists.map((list) => [FILTERS[list], true]));
  return listen(peer, wanted, stand, (honoured) => lists.some((list) => honoured[FILTERS[list]] === true));
}

/** Follows the changes of one resource. */
export function listenToResource(peer: Peer, { uri, updated, ...stand }: Subscribing): Promise<Over> {
  const isHonoured = ({ resourceSubscriptions: uris }: JsonObject): boolean =>
    Array.isArray(uris) && uris.includes(uri);
  return listen(peer, { resourceSubscriptions: [uri] }, stand, isHonoured, updated);
}

async function listen(
  peer: Peer,
  notifications: JsonObject,
  stand: Stand,
  isHonoured: (honoured: JsonObject) => boolean,
  updated: (uri: string) => void = () => undefined,
): Promise<Over> {
  const enough = new AbortController();
  let why: Over['reply'] | undefined;
  const end = (reply: Over['reply']): void => {
    why = reply;
    enough.abort();
  };
  const stop = (): void => enough.abort();
  stand.signal.addEventListener('abort', stop);
  if (stand.signal.aborted) stop();
  const silent = setTimeout(() => end(SILENT), READY_WITHIN).unref();
  const reply = await peer.request({
    method: 'subscriptions/listen',
    text: (id) => requestText('modern', id, 'subscriptions/listen', { notifications }),
    within: undefined,
    late: '',
    cancellable: true,
    signal: enough.signal,
    notice: (method, params) => {
      const uri = method === UPDATED ? uriOf(params) : undefined;
      if (uri !== undefined) updated(uri);
      if (method !== 'notifications/subscriptions/acknowledged') return;
      clearTimeout(silent);
      const honoured = params['notifications'];
      if (isObject(honoured) && isHonoured(honoured)) stand.stands();
      else end(NOT_HONOURED);
    },
  });
  clearTimeout(silent);
  stand.signal.removeEventListener('abort', stop);
  return { reply: why ?? reply, wait: 0 };
}

const SILENT: Over['reply'] = {
  kind: 'lost',
  sent: true,
  why: `the server did not acknowledge the subscription within ${READY_WITHIN / 1000} s`,
};
const NOT_HONOURED: Over['reply'] = { kind: 'withheld', why: 'the server does not honour the subscription' };
