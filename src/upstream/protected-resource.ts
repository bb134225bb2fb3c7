/**
 * The MCP endpoint as a protected resource of OAuth 2.1: what it says of itself (RFC 9728), and how it challenges (RFC 6750;
 * MCP 2026-07-28, basic/authorization). One resource, whatever profile or session a URL names: one audience for all its tokens.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../domain/json.ts';
import { type Closed, isOwnHost, type PublicSite, routeOf } from './doors.ts';
import { sendJson } from './send-json.ts';

export interface ResourceOptions {
  /** An origin; undefined: nobody comes from elsewhere, and there is no metadata. */
  readonly publicUrl: string | undefined;
  /** By their URLs: where clients get tokens. */
  readonly issuers: readonly string[];
  /** What the tools of all policies need, as the policies say it now. */
  readonly scopes: () => readonly string[];
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** RFC 6749, section 3.3, so that a token's own words cannot end the header's. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** A refresh token is between the client and its issuer: no challenge asks for one. */
const NOT_OURS = 'offline_access';

/** In characters: clients read headers of 16 KiB together, and what does not fit here stands in the metadata. */
const LONGEST_SCOPE = 2048;

export class ProtectedResource {
  readonly site: PublicSite | undefined;
  readonly #options: ResourceOptions;

  constructor(options: ResourceOptions) {
    this.#options = options;
    const { publicUrl } = options;
    this.site = publicUrl === undefined ? undefined : { host: new URL(publicUrl).host, origin: publicUrl };
  }

  /** Whether a request is for metadata; answered then. Anybody may read it, from any page: it says nothing secret. */
  answers(request: IncomingMessage, response: ServerResponse): boolean {
    const { url = '', method } = request;
    if (!url.startsWith(WELL_KNOWN)) return false;
    const metadata = this.#metadataAt(url.slice(WELL_KNOWN.length));
    const refused = refusalOf(request, this.site, metadata);
    if (refused !== undefined)
      sendJson(response, { text: '{}', status: refused.status }, { ...OPEN, ...refused.headers });
    else if (method === 'OPTIONS') response.writeHead(204, { ...OPEN, ...PREFLIGHT }).end();
    else
      sendJson(response, { text: JSON.stringify(metadata), status: 200 }, { ...OPEN, 'cache-control': 'max-age=300' });
    return true;
  }

  /** Of 401: where a token is to be had, never why this one was not enough. */
  unauthorized(request: IncomingMessage): Readonly<Record<string, string>> {
    const sent = request.headers.authorization !== undefined;
    const scope = this.#metadataUrl(request.url) === undefined ? '' : scopeText(this.#options.scopes());
    return this.#challenge(request.url, {
      ...(sent ? { error: 'invalid_token' } : {}),
      ...(scope === '' || scope.length > LONGEST_SCOPE ? {} : { scope }),
    });
  }

  /** Of 403: all that a token must be for. */
  insufficient(request: IncomingMessage, scopes: readonly string[]): Readonly<Record<string, string>> {
    return this.#challenge(request.url, {
      error: 'insufficient_scope',
      scope: scopeText(scopes),
      error_description: 'The token is not for all that this call needs',
    });
  }

  #challenge(url: string | undefined, members: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const metadata = this.#metadataUrl(url);
    const all = {
      realm: 'tollgate',
      ...members,
      ...(metadata === undefined ? {} : { resource_metadata: metadata }),
    };
    const words = Object.entries(all).map(([name, value]) => `${name}="${value}"`);
    return { 'www-authenticate': `Bearer ${words.join(', ')}` };
  }

  /** RFC 9728, section 3.1: between host and path. A session's memory is found with the endpoint itself. */
  #metadataUrl(url = ''): string | undefined {
    const { publicUrl, issuers } = this.#options;
    if (publicUrl === undefined || issuers.length === 0) return undefined;
    return `${publicUrl}${WELL_KNOWN}${routeOf(url) === undefined ? '/mcp' : url}`;
  }

  #metadataAt(path: string): JsonObject | undefined {
    const { publicUrl, issuers, scopes } = this.#options;
    if (publicUrl === undefined || issuers.length === 0) return undefined;
    if (path !== '' && routeOf(path) === undefined) return undefined;
    return {
      resource: `${publicUrl}/mcp`,
      authorization_servers: issuers,
      scopes_supported: scopes().filter(isOurs),
      bearer_methods_supported: ['header'],
      resource_name: 'Tollgate',
    };
  }
}

/** Any page may ask, without anything of its user's. */
const OPEN = { 'access-control-allow-origin': '*' } as const;
const PREFLIGHT = { 'access-control-allow-methods': 'GET', 'access-control-allow-headers': '*' } as const;

function refusalOf(
  { method, headers }: IncomingMessage,
  site: PublicSite | undefined,
  metadata: JsonObject | undefined,
): Pick<Closed, 'status' | 'headers'> | undefined {
  if (!isOwnHost(headers.host, site)) return { status: 421 };
  if (metadata === undefined) return { status: 404 };
  return method === 'GET' || method === 'OPTIONS' ? undefined : { status: 405, headers: { allow: 'GET' } };
}

const isOurs = (scope: string): boolean => scope !== NOT_OURS && SCOPE.test(scope);

const scopeText = (scopes: readonly string[]): string => [...new Set(scopes.filter(isOurs))].join(' ');
