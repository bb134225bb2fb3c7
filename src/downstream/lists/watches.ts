/** Listens to what servers tell of their lists, and tells whoever asked to be told. */
import type { ListKind } from '../../domain/downstream.ts';
import type { Now } from '../../domain/ports.ts';
import { isFinal, type Link } from '../links/link.ts';
import { pause } from '../links/pause.ts';
import { ShortStreams } from '../links/short-streams.ts';
import type { PinnedLists } from './pinned-lists.ts';
import type { ListSource } from './read-pages.ts';

type Listener = (server: string, list: ListKind) => void;

export class Watches {
  readonly #lists: PinnedLists;
  readonly #now: Now;
  readonly #listeners = new Set<Listener>();

  constructor(lists: PinnedLists, now: Now) {
    this.#lists = lists;
    this.#now = now;
  }

  onListChanged(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** `source`: what to read the list again through, once it stands. */
  listChanged(server: string, list: ListKind, source: ListSource | undefined): void {
    this.#lists.changed(server, list, source);
    this.tell(server, list);
  }

  tell(server: string, list: ListKind): void {
    for (const listener of this.#listeners) listener(server, list);
  }

  /**
   * Follows the changes of a server's lists on this connection. Resolves when the connection has ended, or the server serves
   * no stream; then true where it had served one.
   */
  async follow(server: string, link: Link): Promise<boolean> {
    const { watch, over: signal } = link;
    const streams = new ShortStreams(this.#now);
    let hasStood = false;
    while (watch !== undefined && !signal.aborted) {
      const over = await watch({
        signal,
        stands: () => {
          streams.stands();
          if (hasStood) this.#missed(server, link, link);
          hasStood = true;
        },
      });
      if (signal.aborted) return false;
      const { hadStood, isResting, wait } = streams.ended(over.wait);
      // What changes from now on is not told: nobody may rely on what was read before.
      if (hadStood) this.#lists.doubt(server);
      if (isFinal(over)) break;
      // Its lists are still compared at each new connection.
      if (isResting) this.#missed(server, link, link);
      await pause(wait, signal);
    }
    if (!hasStood || signal.aborted) return false;
    this.#missed(server, link, link.transport === 'stdio' ? link : undefined);
    return true;
  }

  /** After a gap every list that the server tells of counts as changed. */
  #missed(server: string, { agreed }: Link, source: Link | undefined): void {
    for (const list of agreed.tells) this.listChanged(server, list, source);
  }
}
