import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { startAuthorizationServer } from './authorization-server.ts';
import { bodyOf, sendJson, serveHttp } from './servers/http-fixture.ts';

/** A server of 2026-07-28 that lets in whoever brings a token for it, and its authorization server, where ada logs in. */
export async function protectedDesk() {
  const callers: unknown[] = [];
  /** Tokens that it takes no more. */
  const turnedAway = new Set<string>();
  const shown = new Set<string>();
  let issuer = '';
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: 'crm', version: '1.0.0' });
      server.registerTool('look', { inputSchema: z.object({}) }, async () => ({
        content: [{ type: 'text', text: 'seen' }],
      }));
      return server;
    },
    { legacy: 'reject' },
  );
  const served = await serveHttp(async (request, response) => {
    const body = await bodyOf(request);
    if (request.url === '/.well-known/oauth-protected-resource/mcp')
      return sendJson(response, 200, {
        resource: served.url,
        authorization_servers: [issuer],
        scopes_supported: ['look'],
      });
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
    const verified = await jwtVerify(token, keys, { issuer, audience: served.url }).catch(() => undefined);
    if (verified !== undefined) shown.add(token);
    if (verified === undefined || turnedAway.has(token)) {
      response.setHeader('www-authenticate', 'Bearer');
      return sendJson(response, 401, { error: 'invalid_token' });
    }
    if (body.includes('"tools/call"')) callers.push(verified.payload.sub);
    const headers = new Headers(Object.entries(request.headers) as [string, string][]);
    const answer = await handler.fetch(
      new Request(`http://${request.headers.host}/mcp`, { method: 'POST', headers, body }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  const authority = await startAuthorizationServer({ resources: { [served.url]: { scopes: ['look'] } } });
  issuer = authority.issuer;
  onTestFinished(async () => {
    await handler.close();
    await served.close();
    await authority.close();
  });
  const turnAway = (): void => {
    for (const token of shown) turnedAway.add(token);
  };
  return { url: served.url, issuer, callers, authority, turnAway };
}
