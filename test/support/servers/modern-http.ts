/** An HTTP server of 2026-07-28 only, built with the SDK's v2. */
import { createMcpHandler } from '@modelcontextprotocol/server';
import { bodyOf, type Served, serveHttp } from './http-fixture.ts';
import { type Deeds, modernTools } from './modern-tools.ts';

export async function serveModernHttp(): Promise<Served & { readonly deeds: Deeds; toolsChanged(): void }> {
  const deeds = { cancelled: 0 };
  const handler = createMcpHandler(() => modernTools(deeds), { legacy: 'reject' });
  const served = await serveHttp(async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const headers = new Headers(Object.entries(request.headers) as [string, string][]);
    const method = request.method ?? 'POST';
    const body = await bodyOf(request);
    const init = { method, headers, signal: gone.signal, ...(method === 'POST' ? { body } : {}) };
    const answer = await handler.fetch(new Request(`http://${request.headers.host}${request.url}`, init));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.flushHeaders();
    const reader = answer.body?.getReader();
    response.on('close', () => void reader?.cancel().catch(() => undefined));
    for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
      response.write(read.value);
    }
    response.end();
  });
  return {
    ...served,
    deeds,
    toolsChanged: () => handler.notify.toolsChanged(),
    close: async () => {
      await handler.close();
      await served.close();
    },
  };
}
