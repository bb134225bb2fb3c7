/** What is known of the servers: how they are reached, what was agreed with them last, and what their clients may be asked. */
import { type Abilities, NO_ABILITIES } from '../domain/abilities.ts';
import { isOfSubject } from '../domain/credential-form.ts';
import type { ListKind, Offers } from '../domain/downstream.ts';
import { isObject } from '../domain/json.ts';
import { credentialOf, type ServerAddress, type Servers } from '../domain/policy.ts';
import type { Agreed } from './links/era.ts';
import { toldOf } from './seats.ts';

export class KnownServers {
  readonly #addresses = new Map<string, ServerAddress>();
  readonly #agreed = new Map<string, Agreed>();
  readonly #doubted = new Set<string>();
  readonly #askable: ((server: string) => Abilities) | undefined;

  constructor(askable: ((server: string) => Abilities) | undefined) {
    this.#askable = askable;
  }

  /** Throws when a name that is known comes with another address. */
  add(servers: Servers): void {
    for (const [name, address] of servers) {
      const known = this.#addresses.get(name);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(address)) {
        throw new Error(`the server ${name} is defined twice, with two addresses`);
      }
      this.#addresses.set(name, address);
    }
  }

  remove(server: string): void {
    this.#addresses.delete(server);
    this.#agreed.delete(server);
    this.#doubted.delete(server);
  }

  addressOf(server: string): ServerAddress | undefined {
    return this.#addresses.get(server);
  }

  /** Whether it knows callers by credentials of their own, so that nobody else can ask it anything. */
  isOfCallers(server: string): boolean {
    return isOfSubject(credentialOf(this.#addresses.get(server)));
  }

  /** What was agreed with it before; undefined where that must be found out, or found out anew. */
  agreedWith(server: string): Agreed | undefined {
    return this.#doubted.has(server) ? undefined : this.#agreed.get(server);
  }

  /**
   * What it says of itself to one session may be about that session: others hear what it said to nobody. `isPublic`: it was
   * said on a connection of no session's own.
   */
  learn(server: string, agreed: Agreed, isPublic: boolean): void {
    const { offers } = this.#agreed.get(server) ?? { offers: withoutWords(agreed.offers) };
    this.#agreed.set(server, isPublic ? agreed : { ...agreed, offers });
  }

  /** Whether what was agreed may be why a connection failed. */
  doubt(server: string, isDoubted: boolean): void {
    if (isDoubted) this.#doubted.add(server);
    else this.#doubted.delete(server);
  }

  /** Whether a connection to it is one that counts: a process, or a session of the legacy era. True where that is not known yet. */
  keepsState(server: string): boolean {
    return this.#addresses.get(server)?.kind !== 'http' || this.#agreed.get(server)?.era !== 'modern';
  }

  /** What it said of itself last, also when it is away. */
  offers(server: string): Offers | undefined {
    return this.#agreed.get(server)?.offers;
  }

  /** Whether a server says that it has a list, or does not say. */
  mayHave(server: string, list: ListKind): boolean {
    const offers = this.offers(server);
    return offers === undefined || isObject(offers.capabilities[list]);
  }

  /** Legacy servers may show more to a client that can be asked: what is pinned is what one sees who can be asked all. */
  askable(server: string): Abilities {
    return this.#askable?.(server) ?? NO_ABILITIES;
  }

  /** What a connection to it is told of the client's abilities. */
  told(server: string, abilities: Abilities): string {
    return toldOf(this.#agreed.get(server)?.era, abilities);
  }

  /** Whether a client with these abilities may be shown less than was pinned. */
  showsLess(server: string, abilities: Abilities): boolean {
    return this.told(server, abilities) !== this.told(server, this.askable(server));
  }
}

const withoutWords = (offers: Offers | undefined): Offers | undefined =>
  offers && { ...offers, instructions: undefined };
