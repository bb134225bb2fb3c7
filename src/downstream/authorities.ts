/** What is shown to servers, by session and server: what one brings is never shown for another. */
import { credentialOf } from '../domain/policy.ts';
import type { KnownServers } from './known-servers.ts';
import { Authority } from './links/authority.ts';
import type { OwnCredentials } from './server-pool.ts';

export class Authorities {
  readonly #servers: KnownServers;
  readonly #own: OwnCredentials | undefined;
  readonly #all = new Map<string, Authority>();

  constructor(servers: KnownServers, own: OwnCredentials | undefined) {
    this.#servers = servers;
    this.#own = own;
  }

  /** Undefined where the server takes none. */
  of(server: string, session: string): Authority | undefined {
    if (credentialOf(this.#servers.addressOf(server)) === undefined) return undefined;
    const key = `${server}\n${session}`;
    const authority = this.#all.get(key) ?? this.#open(server, session);
    this.#all.set(key, authority);
    return authority;
  }

  /** The session has no connection to the server any more. */
  forget(server: string, session: string): void {
    this.#all.delete(`${server}\n${session}`);
  }

  #open(server: string, session: string): Authority {
    const own = this.#own;
    if (own === undefined || this.#servers.isOfCallers(server)) return new Authority(undefined);
    return new Authority({
      obtain: () => own.obtain(server, session),
      refused: (credential) => own.refused(server, session, credential),
    });
  }
}
