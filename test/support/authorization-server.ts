/**
 * A real OAuth 2.1 and OpenID Connect server on loopback: `oidc-provider`, with token exchange (RFC 8693) as a grant of its
 * own. What it is told to do wrong it does: be slow, be down, or lie in what it answers.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type ClientMetadata, type Configuration, errors, Provider, type ResourceServer } from 'oidc-provider';
import { identityAssertions } from './identity-assertions.ts';
import { delegationOf, tokenExchange } from './token-exchange.ts';

export interface ProtectedResource {
  readonly scopes: readonly string[];
  /** Signed JWTs by default. */
  readonly format?: 'jwt' | 'opaque';
  /** Seconds that a token lives; a minute by default. */
  readonly lives?: number;
}

export interface AuthorizationServerOptions {
  /** By the URI that tokens name it by in `aud`. */
  readonly resources: Readonly<Record<string, ProtectedResource>>;
  readonly clients?: readonly ClientMetadata[];
  /** What people may be, by login name: claims of their tokens beside `sub`. Whoever is not here may log in, too. */
  readonly people?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly configuration?: Configuration;
  /** Identity providers whose grants (ID-JAG) it takes, by issuer. */
  readonly trusts?: Readonly<Record<string, JWK>>;
}

/** What one request to it was. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What it does with a request instead of what is right. */
export interface Misbehaviour {
  /** Waits for this first. */
  readonly after?: Promise<unknown>;
  /** Answers this. */
  readonly instead?: { readonly status: number; readonly body: unknown };
  /** Changes what it would answer. */
  readonly rewrite?: (body: Record<string, unknown>) => Promise<unknown> | unknown;
}

export interface AuthorizationServer {
  readonly issuer: string;
  readonly seen: readonly SeenRequest[];
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
  /** A token that it could have issued: ada's at the client `desk`, for an hour, with these claims instead. */
  token(claims: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** From now on, until it is called again; asked for every request. */
  misbehave(how: (request: { readonly method: string; readonly path: string }) => Misbehaviour | undefined): void;
  close(): Promise<void>;
}

export async function startAuthorizationServer(options: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const keys = await generateKeyPair('ES256', { extractable: true });
  const kid = 'login 1';
  const privateJwk = { ...(await exportJWK(keys.privateKey)), kid, use: 'sig', alg: 'ES256' };
  const publicJwk = { ...(await exportJWK(keys.publicKey)), kid, use: 'sig', alg: 'ES256' };
  let provider: Provider | undefined;
  const server = createServer((request, response) => void provider?.callback()(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = new Provider(issuer, configurationOf(options, privateJwk));
  const resourceOf = (uri: string) => resourceServerOf(options.resources, uri);
  const signGrant = (claims: Readonly<Record<string, unknown>>): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'oauth-id-jag+jwt' })
      .setIssuer(issuer)
      .setIssuedAt()
      .setExpirationTime('5m')
      .setJti(randomUUID())
      .sign(keys.privateKey);
  tokenExchange(provider, { issuer, publicKey: keys.publicKey, resourceOf, signGrant });
  identityAssertions(provider, { issuer, trusts: options.trusts ?? {}, resourceOf });
  const seen: SeenRequest[] = [];
  let misbehaviour: Parameters<AuthorizationServer['misbehave']>[0] = () => undefined;
  provider.use(async (context, next) => {
    const { method, path } = context;
    const how = misbehaviour({ method, path });
    await how?.after;
    if (how?.instead !== undefined) {
      context.status = how.instead.status;
      context.body = how.instead.body;
    } else if (provider !== undefined && path.startsWith('/interaction/')) {
      await interact(provider, context);
    } else {
      await next();
      if (how?.rewrite !== undefined) context.body = await how.rewrite(context.body as Record<string, unknown>);
    }
    const { params } = (context['oidc'] ?? {}) as { params?: Readonly<Record<string, unknown>> };
    const parameters = { ...params };
    seen.push({ method, path, authorization: context.get('authorization') || undefined, parameters });
  });
  return {
    issuer,
    seen,
    publicJwk,
    privateKey: keys.privateKey,
    token: (claims, header = {}) => {
      const at = Math.floor(Date.now() / 1000);
      const sound = { iss: issuer, sub: 'ada', client_id: 'desk', iat: at, exp: at + 3600 };
      return new SignJWT({ ...sound, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt', ...header })
        .sign(keys.privateKey);
    },
    misbehave: (how) => {
      misbehaviour = how;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function resourceServerOf(resources: AuthorizationServerOptions['resources'], uri: string): ResourceServer {
  const resource = resources[uri];
  if (resource === undefined) throw new errors.InvalidTarget();
  return {
    scope: resource.scopes.join(' '),
    audience: uri,
    accessTokenFormat: resource.format ?? 'jwt',
    accessTokenTTL: resource.lives ?? 60,
    jwt: { sign: { alg: 'ES256' } },
  };
}

function configurationOf({ resources, clients, people = {}, configuration }: AuthorizationServerOptions, key: JWK) {
  const base: Configuration = {
    jwks: { keys: [key] },
    clients: [...(clients ?? [])],
    cookies: { keys: ['cookies of a test'] },
    ttl: {
      AccessToken: 60,
      ClientCredentials: (_context, token) => token.resourceServer?.accessTokenTTL ?? 60,
      IdToken: 300,
      Interaction: 300,
      Session: 300,
      Grant: 300,
    },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    claims: { openid: ['sub', ...new Set(Object.values(people).flatMap((one) => Object.keys(one)))] },
    conformIdTokenClaims: false,
    scopes: ['openid', 'offline_access'],
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    extraTokenClaims: (_context, token) => delegationOf(token) ?? ('accountId' in token ? people[token.accountId] : {}),
    formats: {
      customizers: { jwt: (_context, token, { payload }) => void Object.assign(payload, delegationOf(token)) },
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined as unknown as string,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, uri) => resourceServerOf(resources, uri),
      },
    },
  };
  return { ...base, ...configuration, features: { ...base.features, ...configuration?.features } };
}

/** The page where a person says who it is and agrees: a form with one field, `login`. */
async function interact(
  provider: Provider,
  context: {
    req: IncomingMessage;
    res: Parameters<Provider['interactionFinished']>[1];
    body: unknown;
    type: string;
    respond?: boolean | undefined;
  },
): Promise<void> {
  if (context.req.method === 'GET') {
    context.type = 'html';
    context.body = '<form method="post"><input name="login" autofocus><button>Log in</button></form>';
    return;
  }
  const { params } = await provider.interactionDetails(context.req, context.res);
  const accountId = new URLSearchParams(await textOf(context.req)).get('login') ?? '';
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
  const scope = String(params['scope'] ?? '');
  grant.addOIDCScope(scope);
  for (const resource of [params['resource'] ?? []].flat()) grant.addResourceScope(String(resource), scope);
  const consent = { grantId: await grant.save() };
  context.respond = false;
  await provider.interactionFinished(context.req, context.res, { login: { accountId }, consent });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** What a browser does: follows `url` as the person `login`, and says where it was sent at last, outside of the server. */
export async function signIn(server: Pick<AuthorizationServer, 'issuer'>, url: string, login: string): Promise<string> {
  const cookies = new Map<string, string>();
  const visit = async (to: string, form?: string): Promise<Response> => {
    const response = await fetch(to, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams({ login: form }) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
  for (let [at, response] = [url, await visit(url)]; ; ) {
    const location = response.headers.get('location');
    if (location === null && response.status !== 200)
      throw new Error(`${at} answered ${response.status}: ${await response.text()}`);
    if (location === null) response = await visit(at, login);
    else {
      at = new URL(location, at).href;
      if (new URL(at).origin !== server.issuer) return at;
      response = await visit(at);
    }
  }
}
