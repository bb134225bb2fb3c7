/** Listens to what servers tell of their lists, and tells whoever asked to be told. */
import type { ListKind, Now } from '../../domain/ports.ts';
import { isFinal, type Link } from '../links/link.ts';
import { backoff, pause } from '../links/pause.ts';
import type { PinnedLists } from './pinned-lists.ts';
import type { ListSource } from './read-pages.ts';

/** A stream that ends sooner was hardly served. Milliseconds. */
const SHORT = 5_000;
/** After so many short streams in a row a server gets a rest; its lists are still compared at each new connection. */
const MOST_SHORT = 3;
/** Milliseconds. */
const REST = 10 * 60_000;

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
    for (const listener of this.#listeners) listener(server, list);
  }

  /**
   * Follows the changes of a server's lists on this connection. Resolves when the connection has ended, or the server serves
   * no stream; then true where it had served one.
   */
  async follow(server: string, link: Link): Promise<boolean> {
    const { watch, over: signal } = link;
    let tries = 0;
    let short = 0;
    let hasStood = false;
    while (watch !== undefined && !signal.aborted) {
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
      if (since !== undefined) this.#lists.doubt(server);
      if (isFinal(over)) break;
      const isLong = since !== undefined && this.#now() - since >= SHORT;
      tries = isLong ? 0 : tries + 1;
      // A stream that never stood says nothing of the server's streams.
      if (since !== undefined) short = isLong ? 0 : short + 1;
      const isTired = short === MOST_SHORT;
      if (isTired) {
        short = 0;
        this.#missed(server, link, link);
      }
      await pause(isTired ? REST : Math.max(backoff(tries), over.wait), signal);
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
