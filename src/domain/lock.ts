/** The lock file's content: of each server everything that a model may read, as a person accepted it. */
import type { Definition } from './contract.ts';
import type { JsonObject } from './json.ts';

/** A package of the npm registry, named with its exact version. */
export interface PackageName {
  readonly name: string;
  readonly version: string;
}

/** What was fetched of a package when a person accepted it. */
export interface LockedPackage extends PackageName {
  /** Of its tarball, as the registry says it (SRI): `sha512-` and base64. */
  readonly integrity: string;
  /** Digest of the versions and integrities of all that it depends on. */
  readonly tree: string;
  /** npm's own record of all of them (`package-lock.json`, version 3): what the same tree is installed from elsewhere. */
  readonly record: JsonObject;
}

export interface LockedServer {
  /** The server's own words at the handshake. */
  readonly instructions: string | undefined;
  /** Its tools and prompts, as they were pinned. */
  readonly definitions: readonly Definition[];
  /** The entries of its list of resource templates. */
  readonly templates: readonly JsonObject[];
  /** Pages that its tools show (`ui://`, MCP Apps): the digest of what a read of each answers, by URI. */
  readonly pages: ReadonlyMap<string, string>;
  /**
   * How the server was reached when it was pinned, as the policy writes it (RFC 8785 text); another way is another server.
   * Undefined for one of the deployment.
   */
  readonly reached: string | undefined;
  /** The era that it spoke; another one is another server too. */
  readonly era?: 'modern' | 'legacy';
  /** What runs where it is named by package; undefined of any other, and where it was pinned before it had one. */
  readonly package?: LockedPackage | undefined;
}

/** What the lock of one policy holds of a server, and the files to speak of. */
export interface Accepted {
  readonly policy: string;
  readonly lock: string;
  readonly server: LockedServer;
}

/** By server. */
export interface Lock {
  readonly file: string;
  readonly text: string;
  readonly digest: string;
  readonly servers: ReadonlyMap<string, LockedServer>;
}
