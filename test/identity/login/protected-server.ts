/** A tool server that lets nobody in, and says where to log in; and authorization servers that agree to everything, or lie. */
import { onTestFinished } from 'vitest';
import { bodyOf, type Served, sendJson, serveHttp } from '../../support/servers/http-fixture.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ProtectedServer extends Served {
  /** What it says from now on; asked for each request. */
  says: {
    challenge?: string | undefined;
    metadata?: Json | undefined;
    authorities: readonly string[];
    scopes?: readonly string[];
  };
  readonly seen: string[];
}

export async function protectedServer(authority: string | undefined): Promise<ProtectedServer> {
  const seen: string[] = [];
  const own: Pick<ProtectedServer, 'says'> = { says: { authorities: authority === undefined ? [] : [authority] } };
  const served = await serveHttp(async (request, response) => {
    await bodyOf(request);
    seen.push(`${request.method} ${request.url}`);
    if (request.url === '/.well-known/oauth-protected-resource/mcp') {
      const { says } = own;
      const base = { resource: served.url, authorization_servers: says.authorities };
      const scopes = says.scopes === undefined ? {} : { scopes_supported: says.scopes };
      return sendJson(response, 200, says.metadata ?? { ...base, ...scopes });
    }
    if (request.url !== '/mcp') return sendJson(response, 404, {});
    response.setHeader('www-authenticate', own.says.challenge ?? 'Bearer realm="here"');
    sendJson(response, 401, { error: 'invalid_token' });
  });
  onTestFinished(() => served.close());
  return Object.assign(own, served, { seen });
}

export interface LyingAuthority {
  readonly issuer: string;
  /** In place of what is right. */
  lies: { metadata?: Json; token?: Json; tokenStatus?: number };
  /** Parameters of each request for a token, with its `authorization`. */
  readonly tokens: (Readonly<Record<string, string>> & { readonly authorization?: string })[];
  readonly registered: Json[];
  readonly seen: string[];
}

/** Of this client at most: it says yes to everything. */
export async function lyingAuthority(path = ''): Promise<LyingAuthority> {
  const own: Pick<LyingAuthority, 'lies'> = { lies: {} };
  const tokens: LyingAuthority['tokens'] = [];
  const registered: Json[] = [];
  const seen: string[] = [];
  let count = 0;
  const served = await serveHttp(async (request, response) => {
    const body = await bodyOf(request);
    seen.push(`${request.method} ${request.url}`);
    if (request.url === `/.well-known/oauth-authorization-server${path}`) {
      const sound = {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        registration_endpoint: `${issuer}/register`,
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
        token_endpoint_auth_methods_supported: ['client_secret_post'],
      };
      return sendJson(response, 200, { ...sound, ...own.lies.metadata });
    }
    if (request.url === `${path}/register`) {
      registered.push(JSON.parse(body) as Json);
      return sendJson(response, 201, { client_id: `client ${++count} of ${issuer}`, client_secret: 'hush' });
    }
    if (request.url !== `${path}/token`) return sendJson(response, 404, {});
    const { authorization } = request.headers;
    tokens.push({
      ...Object.fromEntries(new URLSearchParams(body)),
      ...(authorization === undefined ? {} : { authorization }),
    });
    const sound = { access_token: `token ${tokens.length}`, token_type: 'Bearer', expires_in: 3600 };
    sendJson(response, own.lies.tokenStatus ?? 200, { ...sound, ...own.lies.token });
  });
  onTestFinished(() => served.close());
  const issuer = `http://127.0.0.1:${served.port}${path}`;
  return Object.assign(own, { issuer, tokens, registered, seen });
}
