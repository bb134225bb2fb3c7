/** Listens to what servers tell of their lists, and tells whoever asked to be told. */
import type { ListKind, Now } from '../domain/ports.ts';
import { isFinal, type Link } from './link.ts';
import { backoff, pause } from './pause.ts';
import type { PinnedLists } from './pinned-lists.ts';
import type { ListSource } from './read-pages.ts';

/** A stream that ends sooner was hardly served. Milliseconds. */
const SHORT = 5_000;
/** After so many short streams in a row a server is listened to no more; its lists are still compared at each new connection. */
const MOST_SHORT = 3;

type Listener = (server: string, list: ListKind) => void;

export class Watches {
  readonly #lists: PinnedLists;
  readonly #now: Now;
  readonly #short = new Map<string, number>();
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
    for (const listener of this.#listeners) listener(server, list);
  }

  /**
   * Follows the changes of a server's lists on this connection. Resolves when the connection has ended, and gives true when
   * it lives on and the server serves no stream any more.
   */
  async follow(server: string, link: Link): Promise<boolean> {
    const { watch, over: signal } = link;
    let tries = 0;
    let hasStood = false;
    while (watch !== undefined && !signal.aborted && (this.#short.get(server) ?? 0) < MOST_SHORT) {
      let since: number | undefined;
      const over = await watch({
        signal,
        stands: () => {
          since = this.#now();
          if (hasStood) this.#missed(server, link, link);
          hasStood = true;
        },
      });
      if (signal.aborted) return false;
      // What changes from now on is not told: nobody may rely on what was read before.
      if (since !== undefined || !isFinal(over)) this.#lists.doubt(server);
      tries = this.#isLong(server, since) ? 0 : tries + 1;
      if (isFinal(over)) break;
      await pause(Math.max(backoff(tries), over.wait), signal);
    }
    if (!hasStood || signal.aborted) return false;
    this.#missed(server, link, link.transport === 'stdio' ? link : undefined);
    return true;
  }

  /** After a gap every list that the server tells of counts as changed. */
  #missed(server: string, { agreed }: Link, source: Link | undefined): void {
    for (const list of agreed.tells) this.listChanged(server, list, source);
  }

  /** Judges a stream that has ended. One that never stood says nothing of the server's streams. */
  #isLong(server: string, since: number | undefined): boolean {
    if (since === undefined) return false;
    const isLong = this.#now() - since >= SHORT;
    if (isLong) this.#short.delete(server);
    else this.#short.set(server, (this.#short.get(server) ?? 0) + 1);
    return isLong;
  }
}
