/** A real MCP server (the SDK's v2) that does one thing, and counts how often for each key. */
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { bodyOf, type Served, serveHttp } from '../../support/servers/http-fixture.ts';

export interface Counter extends Served {
  /** How often each key came. */
  readonly counts: ReadonlyMap<string, number>;
  /** Called with the number of calls so far, after each. */
  onCount: (total: number) => void;
}

export async function serveCounter(): Promise<Counter> {
  const counts = new Map<string, number>();
  let total = 0;
  const server = (): McpServer => {
    const made = new McpServer({ name: 'counter', version: '1.0.0' });
    made.registerTool('add', { inputSchema: z.object({ key: z.string() }) }, ({ key }) => {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      counter.onCount(++total);
      return { content: [{ type: 'text', text: key }] };
    });
    return made;
  };
  const handler = createMcpHandler(server, { legacy: 'reject' });
  const served = await serveHttp(async (request, response) => {
    const headers = new Headers(Object.entries(request.headers) as [string, string][]);
    const init = { method: 'POST', headers, body: await bodyOf(request) };
    const answer = await handler.fetch(new Request(`http://${request.headers.host}${request.url}`, init));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  });
  const counter: Counter = { ...served, counts, onCount: () => undefined };
  return counter;
}
