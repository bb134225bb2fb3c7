/** The tool servers, as the path needs them. */
import type { Abilities } from './abilities.ts';
import type { Definition } from './contract.ts';
import type { Challenge, Credential } from './credential.ts';
import type { Connection } from './exchange.ts';
import type { JsonObject } from './json.ts';
import type { Result } from './result.ts';

export interface Unavailable {
  readonly server: string;
  readonly why: string;
  /** How it refused the credential that it was shown last, where it did. */
  readonly challenge?: Challenge | undefined;
}

/** A session's own way to a server that knows callers by their own credentials. */
export interface Via {
  readonly session: string;
  readonly abilities: Abilities;
  readonly credential: Credential | undefined;
}

/** What a server says of itself at the handshake. Its own words: unverified. */
export interface Offers {
  /** MCP server capabilities. */
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

/** A server's lists that change: of `tools`, `prompts` and `resources`, templates included. */
export type ListKind = 'tools' | 'prompts' | 'resources';

/** The servers that this gateway reaches. */
export interface Downstream {
  /**
   * The tools or prompts of a server as it first described them to this gateway, in the server's order: what is pinned
   * where there is no lock. Connects where it has to, and has read what it says of them now when this resolves. `via`: where
   * `needsVia` says so; without it such a server is known as it was last seen, or not at all.
   */
  definitions(server: string, kind: Definition['kind'], via?: Via): Promise<Result<readonly Definition[], Unavailable>>;
  /** Whether it must be asked what it has, and answers only to a credential of a caller's own. */
  needsVia(server: string, kind: Definition['kind']): boolean;
  /**
   * True where the server does not say this of the tool or prompt now: on some connection it says another thing, or nothing.
   * False where it can be asked by callers only, and none has.
   */
  changed(definition: Definition): boolean;
  /** What it says of its tools or prompts now; none that its connections disagree about. Empty until it was reached. */
  present(server: string, kind: Definition['kind']): readonly Definition[];
  /**
   * The entries of a server's list of resources, or of templates, as they are now: through the session's own connection
   * where it has one, since a server may show each session others. Not pinned: a resource is content.
   */
  resources(
    server: string,
    list: 'resources' | 'resourceTemplates',
    session: string | undefined,
  ): Promise<Result<readonly JsonObject[], Unavailable>>;
  /** Undefined until the server was reached. */
  offers(server: string): Offers | undefined;
  /** The session's own connection, made ready. A legacy server learns of these abilities when it is opened. */
  connect(
    server: string,
    session: string,
    abilities: Abilities,
    credential?: Credential,
  ): Promise<Result<Connection, Unavailable>>;
  /** Tells of lists that changed, until the function that it gives is called. */
  onListChanged(listener: (server: string, list: ListKind) => void): () => void;
  /** Ends every connection and process, and waits until they are gone. */
  close(): Promise<void>;
}
