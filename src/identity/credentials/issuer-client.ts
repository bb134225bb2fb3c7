/**
 * This gateway as a client of issuers that the deployment names: their metadata found at themselves (RFC 8414, OpenID
 * Connect Discovery), what is asked of their token endpoints, and their keys. Nothing that a tool server says leads here.
 */
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  type JWTPayload,
  type JWTVerifyGetKey,
  customFetch as joseFetch,
  jwtVerify,
} from 'jose';
import {
  allowInsecureRequests,
  Configuration,
  customFetch,
  discovery,
  genericGrantRequest,
  type ServerMetadata,
  type TokenEndpointResponse,
  tokenIntrospection,
  tokenRevocation,
} from 'openid-client';
import { isSecureUrl } from '../../document/issuer-url.ts';
import { ALGORITHMS } from '../../document/issuers-shape.ts';
import type { ClientForm } from '../../domain/credential-form.ts';
import type { Now } from '../../domain/ports.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import { clientAuthentication } from '../client-authentication.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import { issuerFault, unreached } from './issuer-fault.ts';

export interface IssuerOptions {
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly readSecret: ReadSecret;
  readonly now: Now;
  /** How long an issuer may take for an answer. Milliseconds. */
  readonly within: number;
}

/** How far the issuer's clock may be from ours, in seconds. */
const TOLERANCE = 30;

type Fetch = (url: string, init: object) => Promise<Response>;

export class IssuerClient {
  readonly issuer: string;
  readonly id: string;
  readonly #configuration: Configuration;
  readonly #keys: JWTVerifyGetKey | undefined;
  readonly #now: Now;

  constructor(
    configuration: Configuration,
    { fetch, now, within }: Pick<IssuerOptions, 'now' | 'within'> & { readonly fetch: Fetch },
  ) {
    const { issuer, jwks_uri: keys } = configuration.serverMetadata();
    this.issuer = issuer;
    this.id = configuration.clientMetadata().client_id;
    this.#configuration = configuration;
    this.#keys =
      keys === undefined
        ? undefined
        : createRemoteJWKSet(new URL(keys), { [joseFetch]: fetch, timeoutDuration: within });
    this.#now = now;
  }

  /** What its token endpoint answers to a grant; refused with a phrase. */
  async grant(type: string, parameters: URLSearchParams): Promise<Result<TokenEndpointResponse, string>> {
    try {
      return ok(await genericGrantRequest(this.#configuration, type, parameters));
    } catch (fault) {
      return refuse(issuerFault(this.issuer, fault));
    }
  }

  /** The claims of a token of its own: signed by it, and of one of these types; refused with a phrase about "it". */
  async claimsOf(token: string, types: ReadonlySet<string>): Promise<Result<JWTPayload, string>> {
    if (this.#keys === undefined) return refuse(`cannot be checked: ${this.issuer} publishes no keys`);
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys, {
        issuer: this.issuer,
        algorithms: [...ALGORITHMS],
        clockTolerance: TOLERANCE,
        currentDate: new Date(this.#now()),
      });
      const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '') ?? 'jwt';
      return types.has(type) ? ok(payload) : refuse('it is a token of another kind (typ)');
    } catch (fault) {
      const { code = '' } = fault as { readonly code?: string };
      if (code.startsWith('ERR_JW') && code !== 'ERR_JWKS_TIMEOUT') return refuse(`it is not valid (${code})`);
      return refuse(`it cannot be checked: ${issuerFault(this.issuer, fault)}`);
    }
  }

  /** The same of a token that only the issuer can read (RFC 7662). */
  async introspect(token: string): Promise<Result<unknown, string>> {
    if (this.#configuration.serverMetadata().introspection_endpoint === undefined)
      return refuse(`it is opaque, and ${this.issuer} has no introspection`);
    try {
      const said = await tokenIntrospection(this.#configuration, token, { token_type_hint: 'access_token' });
      return said.active ? ok(said) : refuse('its own issuer calls it inactive');
    } catch (fault) {
      return refuse(`it cannot be looked into: ${issuerFault(this.issuer, fault)}`);
    }
  }

  /** Takes a token back (RFC 7009); undefined where the issuer does not. Rejects where that failed. */
  revoking(token: Secret): (() => Promise<void>) | undefined {
    if (this.#configuration.serverMetadata().revocation_endpoint === undefined) return undefined;
    return () => tokenRevocation(this.#configuration, token.reveal(), { token_type_hint: 'access_token' });
  }
}

export const isJwt = (token: string): boolean => {
  try {
    return token.split('.').length === 3 && decodeProtectedHeader(token).alg !== undefined;
  } catch {
    return false;
  }
};

/** Where its metadata may stand, in the order in which it is looked for. */
function* places(issuer: string): Generator<URL> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  yield new URL(`${origin}/.well-known/oauth-authorization-server${path}`);
  if (path !== '') yield new URL(`${origin}/.well-known/openid-configuration${path}`);
  yield new URL(`${origin}${path}/.well-known/openid-configuration`);
}

const ENDPOINTS = ['token_endpoint', 'jwks_uri', 'introspection_endpoint', 'revocation_endpoint'] as const;

/** The client of an issuer, its metadata freshly found there. Refused with a phrase. */
export async function openIssuer(
  issuer: string,
  client: ClientForm,
  options: IssuerOptions,
): Promise<Result<IssuerClient, string>> {
  const { outgoing, readSecret, now, within } = options;
  const fetch: Fetch = (url, init) =>
    (outgoing.fetch(url, init) as unknown as Promise<Response>).catch((fault: unknown) => {
      if (fault instanceof Error && fault.name === 'TimeoutError') throw fault;
      throw unreached(fault);
    });
  const found = { [customFetch]: fetch, timeout: within / 1000, execute: [allowInsecureRequests] };
  let why = '';
  for (const place of places(issuer)) {
    try {
      const first = await discovery(place, client.id, undefined, undefined, found);
      const metadata = first.serverMetadata();
      const trouble = troubleWith(metadata, issuer);
      if (trouble !== undefined) return refuse(`${issuer} ${trouble}`);
      const authentication = await clientAuthentication(client, readSecret);
      if (!authentication.ok) return authentication;
      const configuration = new Configuration(metadata, client.id, undefined, authentication.value);
      configuration[customFetch] = fetch;
      configuration.timeout = within / 1000;
      // What has no TLS is on this machine: that was seen to above.
      allowInsecureRequests(configuration);
      return ok(new IssuerClient(configuration, { fetch, now, within }));
    } catch (fault) {
      why = issuerFault(issuer, fault);
    }
  }
  return refuse(`its metadata cannot be found: ${why}`);
}

/** Why what it says of itself is not believed (RFC 8414, section 3.3). */
function troubleWith(metadata: ServerMetadata, issuer: string): string | undefined {
  if (metadata.issuer !== issuer) return 'calls itself by another name in its metadata (issuer)';
  const open = ENDPOINTS.find((name) => {
    const url = metadata[name];
    return url !== undefined && (!URL.canParse(url) || !isSecureUrl(new URL(url)));
  });
  if (open !== undefined) return `names a place without TLS (${open})`;
  return metadata.token_endpoint === undefined ? 'has no token endpoint' : undefined;
}
