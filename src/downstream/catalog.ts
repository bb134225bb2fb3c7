/**
 * What the servers say their tools are, pinned at first sight for the gateway's life. A list that is read again is only
 * compared: a tool that is described otherwise, or no longer, is `changed` from then on; a new one is not added.
 */
import type { Definition } from '../domain/contract.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type ListedTool, type ListSource, listTools } from './list-tools.ts';
import { argumentHeaders } from './mirrored-arguments.ts';

/** A server that changes its list faster than it can be read stays uncertain until somebody asks again. */
const MOST_READINGS = 10;

interface Shelf {
  readonly tools: ReadonlyMap<string, ListedTool>;
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
  readonly #log: (server: string, text: string) => void;

  constructor(log: (server: string, text: string) => void) {
    this.#log = log;
  }

  /** The pinned tools; undefined where they were never listed, or where the list may have changed since. */
  certain(server: string): readonly Definition[] | undefined {
    const shelf = this.#shelves.get(server);
    return shelf?.certain ? shelf.definitions : undefined;
  }

  /** Lists the tools through a connection: pins them at first sight, compares them after that. A failure is not kept. */
  async read(server: string, source: ListSource): Promise<Result<void, string>> {
    const doubts = this.#doubts.get(server);
    const listed = await listTools(server, source, (text) => this.#log(server, text));
    if (!listed.ok) return listed;
    const shelf = this.#shelves.get(server) ?? shelve(listed.value);
    this.#shelves.set(server, shelf);
    this.#compare(server, shelf, listed.value);
    shelf.certain = this.#doubts.get(server) === doubts;
    return ok(undefined);
  }

  /** Takes back what was pinned of a server that is no longer used. */
  forget(server: string): void {
    this.#shelves.delete(server);
    this.#doubts.delete(server);
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

  isChanged(server: string, tool: string): boolean {
    return this.#shelves.get(server)?.changed.has(tool) === true;
  }

  changed(definition: Definition): boolean {
    const pinned = this.#shelves.get(definition.server)?.tools.get(definition.name);
    return pinned?.definition.pin !== definition.pin || this.isChanged(definition.server, definition.name);
  }

  /** The `Mcp-Param-*` headers of a call. */
  headers(server: string, tool: string, canonical: string): Readonly<Record<string, string>> {
    return argumentHeaders(this.#shelves.get(server)?.tools.get(tool)?.mirrored ?? [], canonical);
  }

  async #readAgain(server: string, source: ListSource): Promise<Result<void, string>> {
    try {
      for (let readings = 0; readings < MOST_READINGS; readings++) {
        const read = await this.read(server, source);
        if (!read.ok) {
          this.#log(server, `the list of tools cannot be read again: ${read.error}`);
          return read;
        }
        if (this.certain(server) !== undefined) return read;
      }
      return refuse('its list of tools changes faster than it can be read');
    } finally {
      this.#rereading.delete(server);
    }
  }

  #compare(server: string, shelf: Shelf, listed: readonly ListedTool[]): void {
    const now = new Map(listed.map(({ definition }) => [definition.name, definition.pin]));
    for (const { name: tool, pin } of shelf.definitions) {
      if (now.get(tool) === pin || shelf.changed.has(tool)) continue;
      shelf.changed.add(tool);
      const how = now.has(tool) ? 'is described otherwise than at first' : 'is no longer listed';
      this.#log(server, `the tool ${tool} ${how}: its calls are refused`);
    }
  }
}

const shelve = (listed: readonly ListedTool[]): Shelf => ({
  tools: new Map(listed.map((one) => [one.definition.name, one])),
  definitions: listed.map((one) => one.definition),
  changed: new Set(),
  certain: true,
});
