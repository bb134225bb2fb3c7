/**
 * What the servers say their tools or prompts are: at first, and now, on each connection. A tool that some connection is
 * told another thing of is changed until none is any more; the operator hears once of each way in which a server is not
 * what was accepted.
 */
import type { Definition } from '../../domain/contract.ts';
import type { Unavailable } from '../../domain/downstream.ts';
import type { Accepted } from '../../domain/lock.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { departuresFrom, departuresFromFirst, isOtherEra, otherEraWords } from '../../policy/lock/departures.ts';
import { argumentHeaders } from '../../wire/mirrored-arguments.ts';
import { listDefinitions } from './list-definitions.ts';
import type { ListSource } from './read-pages.ts';
import type { Reader } from './reader.ts';
import { Shelf } from './shelf.ts';
import { ToldOnce } from './told-once.ts';

/** A server that changes its list faster than it can be read stays uncertain until somebody asks again. */
const MOST_READINGS = 10;

/** The reader of a server whose list is the same on every connection. */
const EVERYONE: Reader = {};

/** What a catalog must know of the servers. */
export interface CatalogOptions {
  readonly kind: Definition['kind'];
  /** False for a server that says it has no such list; it is not asked. */
  hasList(server: string): boolean;
  /** What the locks of the policies that use a server hold of it. */
  accepted(server: string): readonly Accepted[];
  log(server: string, text: string): void;
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
  /** Where it is not what was accepted, told once until it is. */
  readonly #departed = new ToldOnce();
  readonly #options: CatalogOptions;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** What it said first; undefined where it was never listed, or where the list may have changed since it was read. */
  certain(server: string): readonly Definition[] | undefined {
    const shelf = this.#shelves.get(server);
    return shelf?.certain ? shelf.first : undefined;
  }

  /** What it said first, whatever may have changed since; refused where it was never listed. */
  lastKnown(server: string): Result<readonly Definition[], Unavailable> {
    const first = this.#shelves.get(server)?.first;
    return first === undefined
      ? refuse({ server, why: 'only callers can ask it what it has, and none has' })
      : ok(first);
  }

  /** Reads the list through a connection. A failure is not kept. */
  async read(server: string, source: ListSource): Promise<Result<void, string>> {
    const { kind, hasList, accepted, log } = this.#options;
    const doubts = this.#doubts.get(server);
    const dropped: string[] = [];
    const drop = (text: string) => void dropped.push(text);
    const isOther = isOtherEra(accepted(server), source.era);
    const listed = hasList(server) && !isOther ? await listDefinitions(server, kind, source, drop) : ok([]);
    if (!listed.ok) return listed;
    this.#dropped.tell(server, dropped, (text) => log(server, text));
    this.#unread.forget(server);
    const shelf = this.#shelves.get(server) ?? new Shelf(listed.value);
    this.#shelves.set(server, shelf);
    shelf.put(source.reader ?? EVERYONE, listed.value, source.isPartial === true);
    this.#tellDepartures(server, shelf, isOther ? otherEraWords(accepted(server), source.era) : undefined);
    shelf.certain = this.#doubts.get(server) === doubts;
    return ok(undefined);
  }

  /** A connection has ended. Where the server was not what was accepted, it is asked anew before its next use. */
  end(server: string, reader: Reader): void {
    const shelf = this.#shelves.get(server);
    if (shelf === undefined) return;
    if (this.#departuresOf(server, shelf).length > 0) this.doubt(server);
    shelf.end(reader);
  }

  /** Takes back what is known of a server that is no longer used. */
  forget(server: string): void {
    this.#shelves.delete(server);
    this.#doubts.delete(server);
    for (const told of [this.#dropped, this.#unread, this.#departed]) told.forget(server);
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

  /** Whether the server does not say now what has this pin. */
  differs(server: string, name: string, pin: string): boolean {
    return this.#shelves.get(server)?.present(name)?.definition.pin !== pin;
  }

  present(server: string): readonly Definition[] {
    return this.#shelves.get(server)?.definitions ?? [];
  }

  /** The `Mcp-Param-*` headers of a call. */
  headers(server: string, tool: string, canonical: string): Readonly<Record<string, string>> {
    return argumentHeaders(this.#shelves.get(server)?.present(tool)?.mirrored ?? [], canonical);
  }

  async #readAgain(server: string, source: ListSource): Promise<Result<void, string>> {
    const { kind, log } = this.#options;
    try {
      for (let readings = 0; readings < MOST_READINGS; readings++) {
        const read = await this.read(server, source);
        if (!read.ok) {
          const why = `the list of ${kind}s cannot be read again: ${read.error}`;
          this.#unread.tell(server, [why], (text) => log(server, text));
          return read;
        }
        if (this.certain(server) !== undefined) return read;
      }
      return refuse(`its list of ${kind}s changes faster than it can be read`);
    } finally {
      this.#rereading.delete(server);
    }
  }

  #departuresOf(server: string, shelf: Shelf): readonly string[] {
    const { kind, accepted } = this.#options;
    const locks = accepted(server);
    const lines = shelf.readings(kind).flatMap((reading) => {
      if (locks.length === 0) return departuresFromFirst(shelf.first, reading);
      return locks.flatMap((one) => departuresFrom(one, reading));
    });
    return [...new Set(lines)];
  }

  /** `instead`: one line for the whole server, where that says all; of its tools alone, so that it is said once. */
  #tellDepartures(server: string, shelf: Shelf, instead: readonly string[] | undefined): void {
    const { kind, log } = this.#options;
    const whole = kind === 'tool' ? instead : instead && [];
    this.#departed.tell(server, whole ?? this.#departuresOf(server, shelf), (text) => log(server, text));
  }
}
