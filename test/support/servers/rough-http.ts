/** An HTTP server in plain code: it records what arrives, and a test says what it answers. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, type Served, sendJson, serveHttp } from './http-fixture.ts';

export interface Got {
  readonly verb: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: { readonly id?: number; readonly method?: string; readonly params?: Record<string, unknown> };
}

export type OnCall = (got: Got, response: ServerResponse, request: IncomingMessage) => void;

export interface RoughHttp extends Served {
  readonly got: readonly Got[];
  readonly calls: () => readonly Got[];
}

/**
 * `tools` are listed, and `lists` by their methods; `onCall` answers `tools/call`; `onOther` may answer anything else first
 * by returning true. Of `offers` the handshake tells.
 */
export async function serveRoughHttp(options: {
  readonly era: 'modern' | 'legacy';
  readonly tools: readonly unknown[];
  readonly lists?: Readonly<Record<string, object>>;
  readonly offers?: { readonly capabilities?: object; readonly instructions?: unknown };
  readonly onCall: OnCall;
  readonly onOther?: (got: Got, response: ServerResponse) => boolean;
  /** The address that it listens on; loopback by default. */
  readonly host?: string;
}): Promise<RoughHttp> {
  const got: Got[] = [];
  const served = await serveHttp(
    async (request, response) => {
      const body = await bodyOf(request);
      const one: Got = {
        verb: request.method ?? '',
        headers: request.headers,
        body,
        message: body === '' ? {} : (JSON.parse(body) as Got['message']),
      };
      got.push(one);
      const { id, method } = one.message;
      const result = (value: unknown) => sendJson(response, 200, { jsonrpc: '2.0', id, result: value });
      if (method === 'tools/call') return options.onCall(one, response, request);
      if (options.onOther?.(one, response)) return undefined;
      const offers = { capabilities: { tools: {} }, ...options.offers };
      const list = options.lists?.[method ?? ''];
      if (list !== undefined) return result(list);
      if (method === 'tools/list') return result({ resultType: 'complete', tools: options.tools });
      if (method === 'server/discover' && options.era === 'modern') {
        return result({ resultType: 'complete', supportedVersions: ['2026-07-28'], ...offers });
      }
      if (method === 'initialize' && options.era === 'legacy') {
        response.setHeader('mcp-session-id', `s${got.length}`);
        return result({
          protocolVersion: '2025-06-18',
          ...offers,
          serverInfo: { name: 'r', version: '1' },
        });
      }
      if (id === undefined) return response.writeHead(one.verb === 'POST' ? 202 : 405).end();
      return sendJson(response, 400, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Bad Request' } });
    },
    5_000,
    options.host,
  );
  return { ...served, got, calls: () => got.filter(({ message }) => message.method === 'tools/call') };
}
