/** An HTTP server of 2026-07-28 that sets what it is told as a cookie, and says what cookies it was sent. In this process. */
import { bodyOf, type Served, sendJson, serveHttp } from '../../support/servers/http-fixture.ts';

interface Message {
  readonly id: number;
  readonly method: string;
  readonly params?: { readonly arguments?: { readonly mark?: string } };
}

const TOOL = {
  name: 'visit',
  description: 'Leaves a cookie.',
  inputSchema: { type: 'object', properties: { mark: { type: 'string' } } },
};

/** Longer than any client keeps a connection: a stall of this process must not look like a broken server. Milliseconds. */
const IDLE = 120_000;

export const serveCookies = (): Promise<Served> =>
  serveHttp(async (request, response) => {
    const { id, method, params } = JSON.parse(await bodyOf(request)) as Message;
    const shared = { resultType: 'complete', ttlMs: 0, cacheScope: 'public' };
    if (method === 'server/discover') {
      const result = { ...shared, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
      return sendJson(response, 200, { jsonrpc: '2.0', id, result });
    }
    if (method === 'tools/list')
      return sendJson(response, 200, { jsonrpc: '2.0', id, result: { ...shared, tools: [TOOL] } });
    response.setHeader('set-cookie', `mark=${params?.arguments?.mark}; Path=/`);
    const text = JSON.stringify({ sent: request.headers });
    const result = {
      resultType: 'complete',
      content: [{ type: 'text', text }],
      ...{ ttlMs: 60_000, cacheScope: 'public' },
    };
    return sendJson(response, 200, { jsonrpc: '2.0', id, result });
  }, IDLE);
