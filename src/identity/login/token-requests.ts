/** The requests for tokens: of a code that a person came back with, and of a refresh token (OAuth 2.1 4.1.3, 4.3; RFC 8707). */
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  None,
  ResponseBodyError,
  refreshTokenGrant,
  type ServerMetadata,
  type TokenEndpointResponse,
} from 'openid-client';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import { scopesIn } from './challenge.ts';
import type { KnownClient, Login } from './kept-logins.ts';
import { wordsOf } from './metadata.ts';

/** What a login is made with. */
export interface Terms {
  readonly authority: AuthorizationServer;
  readonly client: KnownClient;
  readonly resource: string;
  /** None: nothing is said of scopes. */
  readonly scopes: readonly string[];
}

/** One way to the authorization server and back. */
export interface Trip {
  readonly redirectUri: string;
  readonly state: string;
  readonly verifier: string;
}

export interface NoTokens {
  /** What of ours the authorization server does not know any more; undefined: neither is said. */
  readonly gone: 'grant' | 'client' | undefined;
  readonly why: string;
}

type Tokens = Pick<Login, 'access' | 'refresh' | 'granted' | 'expiresAt'>;

/** Where the person is sent. */
export async function authorizationUrl({ authority, client, resource, scopes }: Terms, trip: Trip): Promise<URL> {
  const configuration = new Configuration(authority as ServerMetadata, client.id, undefined, None());
  allowInsecureRequests(configuration);
  return buildAuthorizationUrl(configuration, {
    redirect_uri: trip.redirectUri,
    state: trip.state,
    resource,
    code_challenge: await calculatePKCECodeChallenge(trip.verifier),
    code_challenge_method: 'S256',
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    // OpenID Connect Core 1.0, 11: without it the scope is passed over.
    ...(scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
  });
}

/** `answer`: the parameters that came back. Its `iss` is judged first (RFC 9207 2.4): what another sent is not acted on. */
export async function tokensOfCode(
  outgoing: Pick<Outgoing, 'fetch'>,
  terms: Terms,
  trip: Trip,
  answer: URLSearchParams,
  now: number,
): Promise<Result<Tokens, NoTokens>> {
  const { authority, resource } = terms;
  if (answer.has('iss') && answer.get('iss') !== authority.issuer)
    return refuse({ gone: undefined, why: 'the answer came from another issuer (iss)' });
  const came = new URL(trip.redirectUri);
  came.search = answer.toString();
  const checks = { expectedState: trip.state, pkceCodeVerifier: trip.verifier };
  return judged(terms, now, undefined, () =>
    authorizationCodeGrant(configurationOf(outgoing, terms), came, checks, { resource }),
  );
}

/** Where the answer brings no new refresh token, the one before stays good. */
export function tokensOfRefresh(
  outgoing: Pick<Outgoing, 'fetch'>,
  terms: Terms,
  refresh: Secret,
  now: number,
): Promise<Result<Tokens, NoTokens>> {
  return judged(terms, now, refresh, () =>
    refreshTokenGrant(configurationOf(outgoing, terms), refresh.reveal(), { resource: terms.resource }),
  );
}

async function judged(
  { scopes }: Terms,
  now: number,
  before: Secret | undefined,
  request: () => Promise<TokenEndpointResponse>,
): Promise<Result<Tokens, NoTokens>> {
  let answer: TokenEndpointResponse;
  try {
    answer = await request();
  } catch (fault) {
    return refuse(reasonOf(fault));
  }
  if (answer.token_type !== 'bearer') return refuse({ gone: undefined, why: 'its token is no bearer token' });
  const granted = scopesIn(answer.scope) ?? scopes;
  const more = scopes.length === 0 ? [] : granted.filter((scope) => !scopes.includes(scope));
  if (more.length > 0)
    return refuse({ gone: undefined, why: `its token is for more than was asked for: ${more.join(' ')}` });
  const { access_token: access, refresh_token: refresh, expires_in: lives } = answer;
  return ok({
    access: new Secret(access),
    refresh: refresh === undefined ? before : new Secret(refresh),
    granted: [...granted],
    expiresAt: lives === undefined ? undefined : now + lives * 1000,
  });
}

const GONE: Readonly<Record<string, NoTokens['gone']>> = {
  invalid_grant: 'grant',
  invalid_client: 'client',
  unauthorized_client: 'client',
};

/** In the library's words or by a code of RFC 6749: free text of the authorization server's own is told to nobody. */
function reasonOf(fault: unknown): NoTokens {
  if (fault instanceof ResponseBodyError || fault instanceof AuthorizationResponseError) {
    const code = /^[a-z_]{1,40}$/.test(fault.error) ? fault.error : 'an error';
    return { gone: fault instanceof ResponseBodyError ? GONE[fault.error] : undefined, why: `it answered ${code}` };
  }
  // Of an answer that is not sound the library says in the cause what is wrong with it, in words of its own.
  const isJudged = fault instanceof Error && fault.name === 'ClientError' && fault.cause instanceof Error;
  return { gone: undefined, why: wordsOf(isJudged ? { message: (fault.cause as Error).message } : fault) };
}

function configurationOf({ fetch }: Pick<Outgoing, 'fetch'>, { authority, client }: Terms): Configuration {
  const configuration = new Configuration(
    authority as ServerMetadata,
    client.id,
    undefined,
    AUTHS[client.auth](client.secret),
  );
  // Where its endpoints may lie was judged when its metadata was read.
  allowInsecureRequests(configuration);
  configuration[customFetch] = (url, options) =>
    fetch(url, options as Parameters<Outgoing['fetch']>[1]) as unknown as Promise<Response>;
  return configuration;
}

const AUTHS: Readonly<Record<KnownClient['auth'], (secret: Secret | undefined) => ClientAuth>> = {
  client_secret_basic: basic,
  client_secret_post: (secret) => ClientSecretPost(secret?.reveal()),
  none: None,
};

/** RFC 6749 2.3.1. The library's own also codes `-` and `_`, which may stand as they are and which some compare undecoded. */
function basic(secret: Secret | undefined): ClientAuth {
  return (_, client, __, headers) => {
    const pair = `${formCoded(client.client_id)}:${formCoded(secret?.reveal() ?? '')}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };
}

const formCoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
