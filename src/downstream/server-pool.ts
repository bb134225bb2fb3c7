/** The servers that this gateway reaches, as whoever composes it sees them: what they need, and what can be done with them. */
import type { Abilities } from '../domain/abilities.ts';
import type { Credential } from '../domain/credential.ts';
import type { Downstream, ListKind } from '../domain/downstream.ts';
import type { Accepted } from '../domain/lock.ts';
import type { Servers } from '../domain/policy.ts';
import type { Now } from '../domain/ports.ts';
import type { Result } from '../domain/result.ts';
import type { ConnectTo } from './links/pools.ts';
import type { ReadSecret } from './links/process-environment.ts';
import type { Rooms } from './rooms.ts';

/** The gateway's own credentials: of servers that take some, and not each caller's. `session`: whose connection asks. */
export interface OwnCredentials {
  /** Refused with a phrase. */
  obtain(
    server: string,
    session: string,
  ): Result<Credential | undefined, string> | Promise<Result<Credential | undefined, string>>;
  refused(server: string, session: string, credential: Credential): void;
}

export interface DownstreamOptions {
  readonly servers: Servers;
  /** Without it no server is shown any but what calls bring. */
  readonly own?: OwnCredentials;
  /** What some client of a server may be asked; nothing by default. */
  readonly askable?: (server: string) => Abilities;
  /** What the locks of the policies that use a server hold of it; none by default. */
  readonly accepted?: (server: string) => readonly Accepted[];
  /** Why no connection may be opened for this session now; asked before anything is. Any may by default. */
  readonly barred?: (server: string, session: string) => Promise<string | undefined>;
  /** Variables that every process is given beside its own, and hands on: none by default. */
  readonly mark?: Readonly<Record<string, string>>;
  /** Opens connections to servers behind URLs; undici's own way by default, which judges no address. */
  readonly connectTo?: ConnectTo;
  /** Reads the secrets of processes' environments; without it a server that needs one cannot be started. */
  readonly readSecret?: ReadSecret;
  /** Where processes find `${session.dir}`; without it a server that needs one cannot be started. */
  readonly rooms?: Rooms;
  /** A session's connection is closed after so many milliseconds without a call; ten minutes by default. */
  readonly idle?: () => number;
  readonly now: Now;
  /** Told when the last connection of a session to a server has ended. */
  readonly left?: (session: string, server: string) => void;
  /** What servers write to stderr, and what is noticed about them. Free text of theirs: for the operator, never for agents. */
  log(line: { readonly server: string; readonly text: string }): void;
}

/** Servers come and go with the policies that name them. */
export interface ServerPool extends Downstream {
  /** Takes further servers; a name that is known keeps its address, and must come with the same one. */
  add(servers: Servers): void;
  /** Forgets servers: their connections end with their calls, and their names are free for other addresses. */
  remove(servers: Iterable<string>): void;
  /** The sessions that have a connection here, or subscriptions. */
  sessions(): ReadonlySet<string>;
  /** Ends all connections and processes of a session that is over. Resolves when they are gone. */
  leave(session: string): Promise<void>;
  /** Whether a session's connection to it is one that counts: a process, or a session of the legacy era. True where that is not known yet. */
  keepsState(server: string): boolean;
  /** Known servers are elsewhere: the next connection goes there, and what was pinned of them is forgotten. */
  replace(servers: Servers): void;
  /** Tells whoever listens that these lists of these servers may show something else. */
  tell(servers: Iterable<string>, lists: readonly ListKind[]): void;
}
