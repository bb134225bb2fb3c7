/** A sessionful HTTP server of 2025-11-25, built with the SDK's v1. */
import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { z } from 'zod';
import { INSTRUCTIONS } from './features.ts';
import { bodyOf, type Served, sendJson, serveHttp } from './http-fixture.ts';
import { addLegacyFeatures } from './legacy-features.ts';

export interface LegacyHttp extends Served {
  /** Of calls to `echo`, over all sessions. */
  readonly calls: () => number;
  readonly sessions: () => number;
  readonly cancelled: () => number;
  /** Forgets every session: the next request to one is answered 404. */
  forget(): void;
  /** Describes `echo` otherwise, and tells the open sessions so. */
  redescribe(description: string): void;
}

export async function serveLegacyHttp(): Promise<LegacyHttp> {
  const sessions = new Map<string, { transport: StreamableHTTPServerTransport; describe(text: string): void }>();
  let description = 'Says it again.';
  let calls = 0;
  let opened = 0;
  let cancelled = 0;

  function build() {
    const server = new McpServer(
      { name: 'legacy-fixture', version: '1.0.0' },
      { capabilities: { logging: {} }, instructions: INSTRUCTIONS },
    );
    addLegacyFeatures(server);
    const echo = server.registerTool('echo', { description, inputSchema: { text: z.string() } }, async ({ text }) => {
      calls++;
      return { content: [{ type: 'text' as const, text }] };
    });
    server.registerTool('wait', { inputSchema: {} }, async (_none, extra) => {
      await new Promise<void>((resolve) => {
        extra.signal.addEventListener('abort', () => resolve());
      });
      cancelled++;
      return { content: [] };
    });
    server.registerTool('count', { inputSchema: { to: z.number() } }, async ({ to }, extra) => {
      const progressToken = extra._meta?.progressToken;
      for (let progress = 1; progress <= to && progressToken !== undefined; progress++) {
        await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress } });
      }
      return { content: [{ type: 'text' as const, text: `counted to ${to}` }] };
    });
    return { server, describe: (text: string) => echo.update({ description: text }) };
  }

  const served = await serveHttp(async (request, response) => {
    const id = request.headers['mcp-session-id'];
    const body = request.method === 'POST' ? (JSON.parse(await bodyOf(request)) as { method?: string }) : undefined;
    const session = typeof id === 'string' ? sessions.get(id) : undefined;
    if (session !== undefined) return session.transport.handleRequest(request, response, body);
    if (typeof id === 'string') {
      return sendJson(response, 404, {
        jsonrpc: '2.0',
        error: { code: -32001, message: 'Session not found' },
        id: null,
      });
    }
    const { server, describe } = build();
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (sessionId) => {
        opened++;
        sessions.set(sessionId, { transport, describe });
      },
    });
    await server.connect(transport as Transport);
    return transport.handleRequest(request, response, body);
  });
  return {
    ...served,
    calls: () => calls,
    sessions: () => opened,
    cancelled: () => cancelled,
    forget: () => sessions.clear(),
    redescribe: (text) => {
      description = text;
      for (const session of sessions.values()) session.describe(text);
    },
  };
}
