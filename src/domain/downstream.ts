/** The tool servers, as the path needs them. */
import type { Abilities } from './abilities.ts';
import type { Definition } from './contract.ts';
import type { Carried } from './credential.ts';
import type { Connection } from './exchange.ts';
import type { JsonObject } from './json.ts';
import type { Result } from './result.ts';

export interface Unavailable {
  readonly server: string;
  readonly why: string;
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
   * where there is no lock. Connects where it has to, and has read what it says of them now when this resolves.
   */
  definitions(server: string, kind: Definition['kind']): Promise<Result<readonly Definition[], Unavailable>>;
  /** True where the server does not say this of the tool or prompt now: on some connection it says another thing, or nothing. */
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
  /**
   * The session's own connection, made ready. A legacy server learns of these abilities when it is opened. Where a credential
   * is carried, what the server lists is read with it, too.
   */
  connect(
    server: string,
    session: string,
    abilities: Abilities,
    carried?: Carried,
  ): Promise<Result<Connection, Unavailable>>;
  /** Tells of lists that changed, until the function that it gives is called. */
  onListChanged(listener: (server: string, list: ListKind) => void): () => void;
  /** Ends every connection and process, and waits until they are gone. */
  close(): Promise<void>;
}
