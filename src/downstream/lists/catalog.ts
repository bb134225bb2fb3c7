/**
 * What the servers say their tools or prompts are, pinned at first sight for the gateway's life. A list that is read again
 * is only compared: what is described otherwise, or no longer, is `changed` from then on; what is new is not added.
 */
import type { Definition } from '../../domain/contract.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { argumentHeaders } from '../../wire/mirrored-arguments.ts';
import { type Listed, listDefinitions } from './list-definitions.ts';
import type { ListSource } from './read-pages.ts';
import { ToldOnce } from './told-once.ts';

/** A server that changes its list faster than it can be read stays uncertain until somebody asks again. */
const MOST_READINGS = 10;

interface Shelf {
  readonly entries: ReadonlyMap<string, Listed>;
  readonly definitions: readonly Definition[];
  readonly changed: Set<string>;
  /** False from the moment the list may have changed until it has been read again. */
  certain: boolean;
}

export class Catalog {
  readonly #shelves = new Map<string, Shelf>();
  /** Counts the reasons to read again, so that one which comes during a reading is not lost. */
  readonly #doubts = new Map<string, number>();
  readonly #rereading = new Map<string, Promise<Result<void, string>>>();
  /** Entries that are dropped, told once. */
  readonly #dropped = new ToldOnce();
  /** Why it cannot be read, told once until it can. */
  readonly #unread = new ToldOnce();
  readonly #kind: Definition['kind'];
  readonly #hasList: (server: string) => boolean;
  readonly #log: (server: string, text: string) => void;

  /** `hasList`: false for a server that says it has none; it is not asked. */
  constructor(
    kind: Definition['kind'],
    hasList: (server: string) => boolean,
    log: (server: string, text: string) => void,
  ) {
    this.#kind = kind;
    this.#hasList = hasList;
    this.#log = log;
  }

  /** What is pinned; undefined where it was never listed, or where the list may have changed since. */
  certain(server: string): readonly Definition[] | undefined {
    const shelf = this.#shelves.get(server);
    return shelf?.certain ? shelf.definitions : undefined;
  }

  /** Reads the list through a connection: pins it at first sight, compares it after that. A failure is not kept. */
  async read(server: string, source: ListSource): Promise<Result<void, string>> {
    const doubts = this.#doubts.get(server);
    const dropped: string[] = [];
    const drop = (text: string) => void dropped.push(text);
    const listed = this.#hasList(server) ? await listDefinitions(server, this.#kind, source, drop) : ok([]);
    if (!listed.ok) return listed;
    this.#dropped.tell(server, dropped, (text) => this.#log(server, text));
    this.#unread.forget(server);
    const shelf = this.#shelves.get(server) ?? shelve(listed.value);
    this.#shelves.set(server, shelf);
    this.#compare(server, shelf, listed.value, source.isPartial === true);
    shelf.certain = this.#doubts.get(server) === doubts;
    return ok(undefined);
  }

  /** Takes back what was pinned of a server that is no longer used. */
  forget(server: string): void {
    this.#shelves.delete(server);
    this.#doubts.delete(server);
    this.#dropped.forget(server);
    this.#unread.forget(server);
  }

  /** The list may have changed: nothing is certain until it is read again. */
  doubt(server: string): void {
    this.#doubts.set(server, (this.#doubts.get(server) ?? 0) + 1);
    const shelf = this.#shelves.get(server);
    if (shelf !== undefined) shelf.certain = false;
  }

  /** Reads the list again until no doubt is left or it cannot be read. All who ask meanwhile share one reading. */
  reread(server: string, source: ListSource): Promise<Result<void, string>> {
    if (this.certain(server) !== undefined) return Promise.resolve(ok(undefined));
    const running = this.#rereading.get(server) ?? this.#readAgain(server, source);
    this.#rereading.set(server, running);
    return running;
  }

  /** The reading under way, if any. */
  rereading(server: string): Promise<unknown> | undefined {
    return this.#rereading.get(server);
  }

  isChanged(server: string, name: string): boolean {
    return this.#shelves.get(server)?.changed.has(name) === true;
  }

  changed(definition: Definition): boolean {
    const pinned = this.#shelves.get(definition.server)?.entries.get(definition.name);
    return pinned?.definition.pin !== definition.pin || this.isChanged(definition.server, definition.name);
  }

  /** The `Mcp-Param-*` headers of a call. */
  headers(server: string, tool: string, canonical: string): Readonly<Record<string, string>> {
    return argumentHeaders(this.#shelves.get(server)?.entries.get(tool)?.mirrored ?? [], canonical);
  }

  async #readAgain(server: string, source: ListSource): Promise<Result<void, string>> {
    try {
      for (let readings = 0; readings < MOST_READINGS; readings++) {
        const read = await this.read(server, source);
        if (!read.ok) {
          const why = `the list of ${this.#kind}s cannot be read again: ${read.error}`;
          this.#unread.tell(server, [why], (text) => this.#log(server, text));
          return read;
        }
        if (this.certain(server) !== undefined) return read;
      }
      return refuse(`its list of ${this.#kind}s changes faster than it can be read`);
    } finally {
      this.#rereading.delete(server);
    }
  }

  /** What a connection does not show that may be shown less is no change. */
  #compare(server: string, shelf: Shelf, listed: readonly Listed[], isPartial: boolean): void {
    const now = new Map(listed.map(({ definition }) => [definition.name, definition.pin]));
    for (const { name, pin } of shelf.definitions) {
      if (now.get(name) === pin || shelf.changed.has(name) || (isPartial && !now.has(name))) continue;
      shelf.changed.add(name);
      const how = now.has(name) ? 'is described otherwise than at first' : 'is no longer listed';
      this.#log(server, `the ${this.#kind} ${name} ${how}: its calls are refused`);
    }
  }
}

const shelve = (listed: readonly Listed[]): Shelf => ({
  entries: new Map(listed.map((one) => [one.definition.name, one])),
  definitions: listed.map((one) => one.definition),
  changed: new Set(),
  certain: true,
});
