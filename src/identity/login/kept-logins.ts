/**
 * What people's logins gave us, and the clients that we registered for them. A login belongs to one principal (issuer,
 * subject, client, tenant) at one server, under the URL that it had then, and remembers whose authorization server it is of.
 */
import { z } from 'zod';
import { sha256 } from '../../domain/json.ts';
import type { Principal } from '../../domain/principal.ts';
import { Secret } from '../../domain/secret.ts';
import type { SealedFolder } from './sealed-folder.ts';

const kept = z.string().transform((text) => new Secret(text));

const clientShape = z.object({
  id: z.string(),
  secret: kept.optional(),
  auth: z.enum(['client_secret_basic', 'client_secret_post', 'none']),
});

/** As an authorization server knows us. */
export type KnownClient = Readonly<z.infer<typeof clientShape>>;

const loginShape = z.object({
  issuer: z.string(),
  resource: z.string(),
  client: clientShape,
  /** All scopes that the person was sent to agree to. */
  asked: z.array(z.string()),
  granted: z.array(z.string()),
  access: kept,
  refresh: kept.optional(),
  /** Milliseconds since the epoch; undefined: nobody said. */
  expiresAt: z.number().optional(),
});

export type Login = Readonly<z.infer<typeof loginShape>>;

/** Whose login, and where. */
export interface LoginPlace {
  readonly principal: Principal;
  readonly server: string;
  readonly url: string;
}

const fileOf = (...of: readonly string[]): string => sha256(JSON.stringify(of)).replaceAll(/[^A-Za-z0-9]/g, '-');

/** One name for a place, of which no two are the same. */
export const placeKey = ({ principal, server, url }: LoginPlace): string => {
  const { issuer, subject, client, tenant } = principal;
  return fileOf('login', issuer, subject, client, tenant, server, url);
};

const clientKey = (issuer: string, redirectUri: string): string => fileOf('client', issuer, redirectUri);

export class KeptLogins {
  readonly #folder: Pick<SealedFolder, 'read' | 'write' | 'remove'>;
  /** Undefined: there is none. */
  readonly #known = new Map<string, Login | undefined>();

  constructor(folder: Pick<SealedFolder, 'read' | 'write' | 'remove'>) {
    this.#folder = folder;
  }

  find(key: string): Login | undefined {
    if (this.#known.has(key)) return this.#known.get(key);
    const read = loginShape.safeParse(this.#folder.read(key));
    this.#known.set(key, read.data);
    return read.data;
  }

  keep(key: string, login: Login): void {
    this.#folder.write(key, revealed(login));
    this.#known.set(key, login);
  }

  forget(key: string): void {
    this.#known.set(key, undefined);
    this.#folder.remove(key);
  }

  /** The client that we registered at this issuer for this place to come back to (SEP-2352: never at another). */
  client(issuer: string, redirectUri: string): KnownClient | undefined {
    return clientShape.safeParse(this.#folder.read(clientKey(issuer, redirectUri))).data;
  }

  keepClient(issuer: string, redirectUri: string, { secret, ...client }: KnownClient): void {
    this.#folder.write(clientKey(issuer, redirectUri), { ...client, secret: secret?.reveal() });
  }

  forgetClient(issuer: string, redirectUri: string): void {
    this.#folder.remove(clientKey(issuer, redirectUri));
  }
}

/** As it is written: for the sealed file alone. */
const revealed = ({ access, refresh, client, ...login }: Login): unknown => ({
  ...login,
  access: access.reveal(),
  refresh: refresh?.reveal(),
  client: { ...client, secret: client.secret?.reveal() },
});
