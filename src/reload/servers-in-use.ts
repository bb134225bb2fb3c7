/** The servers of the policies in force: they come, go and move without ending a call that is under way. */
import { canonical, type JsonValue } from '../domain/json.ts';
import type { ServerAddress, Servers } from '../domain/policy.ts';
import type { ServerPool } from '../downstream/server-pool.ts';

export class ServersInUse {
  readonly #pool: ServerPool;
  /** By name, how each is reached, as text. */
  readonly #known = new Map<string, string>();

  /** The pool has none yet but what comes through here. */
  constructor(pool: ServerPool) {
    this.#pool = pool;
  }

  /** Adds those that are not there yet, and gives them. */
  add(servers: Servers): Servers {
    const added = new Map([...servers].filter(([name]) => !this.#known.has(name)));
    for (const [name, address] of added) this.#known.set(name, textOf(address));
    this.#pool.add(added);
    return added;
  }

  /** Those that are there under another address, or are to be read anew. */
  moved(servers: Servers, anew: ReadonlySet<string>): Servers {
    const isMoved = (name: string, address: ServerAddress): boolean =>
      anew.has(name) || this.#known.get(name) !== textOf(address);
    return new Map([...servers].filter(([name, address]) => this.#known.has(name) && isMoved(name, address)));
  }

  /** Reaches these at their new addresses, from the next connection on. */
  move(servers: Servers): void {
    for (const [name, address] of servers) this.#known.set(name, textOf(address));
    this.#pool.replace(servers);
  }

  /** Forgets all that `used` does not have. */
  keepOnly(used: Servers): void {
    const unused = [...this.#known.keys()].filter((name) => !used.has(name));
    for (const name of unused) this.#known.delete(name);
    this.#pool.remove(unused);
  }
}

const textOf = (address: ServerAddress): string => canonical(address as unknown as JsonValue);
