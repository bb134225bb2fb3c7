/**
 * An MCP server that is a resource server of its own: it verifies the token of every request, and keeps all that it was sent. To
 * whom it does not believe it names an authorization server, as a server may that lies.
 */
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { bodyOf, type Served, sendJson, serveHttp } from './http-fixture.ts';

/** Needed by tool. */
const SCOPES: Readonly<Record<string, string>> = { get_case: 'cases:read', send_reply: 'replies:send' };

export interface GuardedOptions {
  /** Whose tokens it takes. */
  readonly issuer: string;
  /** What they must be for. */
  readonly audience: string;
  readonly era?: 'modern' | 'legacy';
  /** Where it sends those whom it does not believe. */
  readonly elsewhere?: string;
}

/** One request as it came, and whom its token named. */
export interface Arrived {
  readonly raw: string;
  readonly method: string;
  readonly tool: string | undefined;
  readonly authorization: string | undefined;
  readonly claims: JWTPayload | undefined;
  readonly status: number;
}

export interface Guarded extends Served {
  readonly arrived: readonly Arrived[];
  /** Those that ran a tool. */
  calls(): readonly Arrived[];
  /** From now on it takes no token. */
  revokeAll(): void;
}

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string };
}

export async function serveGuarded({ issuer, audience, era = 'modern', elsewhere }: GuardedOptions): Promise<Guarded> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const arrived: Arrived[] = [];
  let isClosed = false;
  const served = await serveHttp(async (request, response) => {
    const body = await bodyOf(request);
    const raw = `${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n${body}`;
    const message: Message = body === '' ? { method: request.method ?? '' } : (JSON.parse(body) as Message);
    const { authorization } = request.headers;
    const claims = await jwtVerify(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '', keys, {
      issuer,
      audience,
    }).then(
      ({ payload }) => payload,
      () => undefined,
    );
    const tool = message.method === 'tools/call' ? message.params?.name : undefined;
    const status = isClosed ? 401 : statusFor(tool, claims);
    arrived.push({ raw, method: message.method, tool, authorization, claims, status });
    if (status === 401 && elsewhere !== undefined)
      response.setHeader(
        'www-authenticate',
        `Bearer resource_metadata="${elsewhere}/metadata", authorization_uri="${elsewhere}"`,
      );
    if (status !== 200) return void response.writeHead(status).end();
    if (message.id === undefined) return void response.writeHead(request.method === 'POST' ? 202 : 405).end();
    if (message.method === 'initialize') response.setHeader('mcp-session-id', `s${arrived.length}`);
    sendJson(response, 200, { jsonrpc: '2.0', id: message.id, ...answerTo(message, era) });
  });
  return {
    ...served,
    arrived,
    calls: () => arrived.filter(({ tool, status }) => tool !== undefined && status === 200),
    revokeAll: () => {
      isClosed = true;
    },
  };
}

function statusFor(tool: string | undefined, claims: JWTPayload | undefined): number {
  if (claims === undefined) return 401;
  const needed = tool === undefined ? undefined : SCOPES[tool];
  return needed === undefined || String(claims['scope']).split(' ').includes(needed) ? 200 : 403;
}

const CAPABILITIES = { tools: {} };
const TOOLS = Object.keys(SCOPES).map((name) => ({ name, inputSchema: { type: 'object', properties: {} } }));

function answerTo({ method, params }: Message, era: 'modern' | 'legacy'): object {
  if (method === 'tools/list') return { result: { tools: TOOLS } };
  if (method === 'tools/call') return { result: { content: [{ type: 'text', text: `did ${params?.name}` }] } };
  if (method === 'server/discover' && era === 'modern')
    return { result: { supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES } };
  if (method === 'initialize' && era === 'legacy')
    return {
      result: {
        protocolVersion: '2025-11-25',
        capabilities: CAPABILITIES,
        serverInfo: { name: 'guarded', version: '1' },
      },
    };
  return { error: { code: -32601, message: 'Method not found' } };
}
