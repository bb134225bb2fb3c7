/**
 * The credential of a server that wants each person's own login: the token that the principal's person brought back from its
 * authorization server. Refreshed by one request at a time; a refresh token that is rotated replaces the one before, and one
 * that is not good any more is forgotten.
 */

import type { Challenge, Credential, Credentials, CredentialWanted, NoCredential } from '../../domain/credential.ts';
import type { LoginForm } from '../../domain/credential-form.ts';
import type { Now } from '../../domain/ports.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import type { Era } from '../../wire/revisions.ts';
import { toldSeldom } from '../told-seldom.ts';
import { type AuthorizationServer, discoverAuthorizationServer } from './authorization-server.ts';
import { type BearerChallenge, readChallenge } from './challenge.ts';
import { type KeptLogins, type Login, type LoginPlace, placeKey } from './kept-logins.ts';
import type { OpenLogins } from './open-logins.ts';
import { discoverResource } from './protected-resource.ts';
import { tokensOfRefresh } from './token-requests.ts';

/** A server whose people log in by themselves, as the operator wrote it. */
export interface LoginServer extends Omit<LoginForm, 'kind'> {
  readonly url: string;
  readonly era: Era | undefined;
}

export interface LoginCredentialsOptions {
  /** By name. */
  readonly servers: ReadonlyMap<string, LoginServer>;
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly kept: KeptLogins;
  readonly open: Pick<OpenLogins, 'offer' | 'leave'>;
  readonly now: Now;
  readonly report: (line: string) => void;
}

/** What a server and its authorization server say of themselves. */
interface Found {
  readonly resource: string;
  readonly authority: AuthorizationServer;
  readonly scopes: readonly string[];
}

/** A token is not used when it has less than this to live. Milliseconds. */
const SKEW = 30_000;
/** What was found out is believed for so long. Milliseconds. */
const BELIEVED = 5 * 60_000;
/** A step-up that nobody followed is asked for no longer: what the token can do, it can go on doing. Milliseconds. */
const PATIENCE = 10 * 60_000;
/** Where a token is refused so soon after it was renewed, renewing it again is of no use. Milliseconds. */
const JUST_RENEWED = 60_000;

export class LoginCredentials implements Credentials {
  readonly #options: LoginCredentialsOptions;
  readonly #credentials = new WeakMap<Login, Credential>();
  readonly #found = new Map<string, { readonly found: Promise<Result<Found, string>>; readonly at: number }>();
  /** What servers said last of what they want, where that was to a token. */
  readonly #challenges = new Map<string, BearerChallenge>();
  readonly #refreshing = new Map<string, Promise<Result<Login | undefined, string>>>();
  readonly #refreshedAt = new Map<string, number>();
  readonly #wanted = new Map<string, { readonly scopes: readonly string[]; readonly until: number }>();
  readonly #tell: (line: string) => void;

  constructor(options: LoginCredentialsOptions) {
    this.#options = options;
    this.#tell = toldSeldom(options.report, options.now);
  }

  async obtain(wanted: CredentialWanted): Promise<Result<Credential | undefined, NoCredential>> {
    const server = this.#options.servers.get(wanted.server);
    if (server === undefined) return ok(undefined);
    const place = { principal: wanted.principal, server: wanted.server, url: server.url };
    try {
      const login = await this.#usable(place, server);
      if (!login.ok) return this.#failed(place, login.error);
      const more = this.#missing(place, wanted, login.value);
      return login.value !== undefined && more.length === 0
        ? ok(this.#credentialOf(login.value))
        : await this.#sendToLogIn(place, server, wanted, [...(login.value?.asked ?? []), ...more]);
    } catch (fault) {
      return this.#failed(place, fault instanceof Error ? fault.message : String(fault));
    }
  }

  refused(wanted: CredentialWanted, credential: Credential, challenge?: Challenge): void {
    const { servers, kept, now } = this.#options;
    const server = servers.get(wanted.server);
    if (server === undefined) return;
    const key = placeKey({ principal: wanted.principal, server: wanted.server, url: server.url });
    const login = kept.find(key);
    if (login === undefined || login.access.reveal() !== bearerIn(credential)) return;
    const said = readChallenge(challenge?.header);
    if (challenge?.status === 403) {
      const more = said.error === 'insufficient_scope' ? (said.scopes ?? []) : [];
      // What was asked for in vain is not asked for again: the person would be sent round in a circle.
      if (more.some((scope) => !login.asked.includes(scope)))
        this.#wanted.set(key, { scopes: more, until: now() + PATIENCE });
      return;
    }
    // Whose tokens the server takes may have changed.
    this.#found.delete(wanted.server);
    if (said.resourceMetadata !== undefined) this.#challenges.set(wanted.server, said);
    const isNew = now() - (this.#refreshedAt.get(key) ?? Number.NEGATIVE_INFINITY) < JUST_RENEWED;
    if (login.refresh === undefined || isNew) kept.forget(key);
    else kept.keep(key, { ...login, expiresAt: 0 });
  }

  async leave(session: string): Promise<void> {
    this.#options.open.leave(session);
  }

  /** The principal's login here, refreshed where need be; undefined where there is none that is good. */
  async #usable(place: LoginPlace, server: LoginServer): Promise<Result<Login | undefined, string>> {
    const key = placeKey(place);
    const { kept, now } = this.#options;
    const login = kept.find(key);
    if (login === undefined || (server.issuer !== undefined && server.issuer !== login.issuer)) return ok(undefined);
    if (login.expiresAt === undefined || now() < login.expiresAt - SKEW) return ok(login);
    const running = this.#refreshing.get(key) ?? this.#refresh(key, place, server, login);
    this.#refreshing.set(key, running);
    try {
      return await running;
    } finally {
      this.#refreshing.delete(key);
    }
  }

  async #refresh(
    key: string,
    { server: name }: LoginPlace,
    server: LoginServer,
    login: Login,
  ): Promise<Result<Login | undefined, string>> {
    const { kept, outgoing, now } = this.#options;
    const { refresh, client, resource, asked } = login;
    const found = refresh === undefined ? undefined : await this.#find(name, server);
    if (refresh === undefined || found === undefined) return this.#forget(key);
    if (!found.ok) return found;
    const { authority } = found.value;
    // Tokens and clients of one authorization server are never shown to another (SEP-2352).
    if (authority.issuer !== login.issuer || found.value.resource !== resource) return this.#forget(key);
    const tokens = await tokensOfRefresh(outgoing, { authority, client, resource, scopes: asked }, refresh, now());
    // The person logged in anew meanwhile: what came of the login before counts no more.
    if (kept.find(key) !== login) return ok(kept.find(key));
    if (!tokens.ok) {
      if (tokens.error.gone !== undefined) return this.#forget(key);
      if (now() < (login.expiresAt ?? 0)) return ok(login);
      return refuse(`${authority.issuer} gave no new token: ${tokens.error.why}`);
    }
    const renewed = { ...login, ...tokens.value };
    kept.keep(key, renewed);
    this.#refreshedAt.set(key, now());
    return ok(renewed);
  }

  #forget(key: string): Result<undefined, never> {
    this.#options.kept.forget(key);
    return ok(undefined);
  }

  /** What the call or the server wants beside what the person was sent to agree to. */
  #missing(place: LoginPlace, { scopes }: CredentialWanted, login: Login | undefined): readonly string[] {
    const stepUp = this.#wanted.get(placeKey(place));
    const all = [...scopes, ...(stepUp !== undefined && this.#options.now() < stepUp.until ? stepUp.scopes : [])];
    return all.filter((scope) => login?.asked.includes(scope) !== true);
  }

  async #sendToLogIn(
    place: LoginPlace,
    server: LoginServer,
    { session }: CredentialWanted,
    more: readonly string[],
  ): Promise<Result<never, NoCredential>> {
    const found = await this.#find(place.server, server);
    if (!found.ok) return this.#failed(place, found.error);
    const { authority, resource, scopes } = found.value;
    // Only where it is known (SEP-2207).
    const offline = authority.scopes_supported?.includes('offline_access') === true ? ['offline_access'] : [];
    const asked = [...new Set([...scopes, ...more, ...offline])];
    const url = this.#options.open.offer({ place, session, authority, resource, scopes: asked, client: server.client });
    return url === undefined
      ? this.#failed(place, 'its logins of the last minutes did not content it')
      : refuse({ kind: 'login', url });
  }

  /** One finding out at a time for a server. What failed is not kept. */
  async #find(name: string, server: LoginServer): Promise<Result<Found, string>> {
    const { now } = this.#options;
    const known = this.#found.get(name);
    if (known !== undefined && now() - known.at < BELIEVED) return known.found;
    const found = this.#findOut(server, this.#challenges.get(name));
    this.#challenges.delete(name);
    this.#found.set(name, { found, at: now() });
    const said = await found;
    if (!said.ok && this.#found.get(name)?.found === found) this.#found.delete(name);
    return said;
  }

  async #findOut(server: LoginServer, challenge: BearerChallenge | undefined): Promise<Result<Found, string>> {
    const { outgoing } = this.#options;
    const url = new URL(server.url);
    const resource = await discoverResource(outgoing, url, server.era, challenge);
    if (!resource.ok) return resource;
    const issuer = server.issuer ?? resource.value?.issuers[0];
    if (issuer === undefined) return refuse('it does not say where people log in: write login.issuer');
    const authority = await discoverAuthorizationServer(outgoing, issuer, url);
    if (!authority.ok) return authority;
    const scopes = server.scopes ?? resource.value?.scopes ?? [];
    return ok({ resource: resource.value?.resource ?? url.href, authority: authority.value, scopes });
  }

  #credentialOf(login: Login): Credential {
    const known = this.#credentials.get(login);
    if (known !== undefined) return known;
    const { access, expiresAt, resource, granted } = login;
    const value = new Secret(`Bearer ${access.reveal()}`);
    const made = { header: 'authorization', value, expiresAt, audience: resource, scopes: granted };
    this.#credentials.set(login, made);
    return made;
  }

  #failed({ server }: LoginPlace, why: string): Result<never, NoCredential> {
    this.#tell(`${server}: no login: ${why}`);
    return refuse({ kind: 'failed', why });
  }
}

const bearerIn = ({ value }: Pick<Credential, 'value'>): string => value.reveal().slice('Bearer '.length);
