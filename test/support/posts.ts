/** Messages as clients of both eras post them, and the answers. */
import type { JsonObject } from '../../src/domain/json.ts';
import { putOut } from './canaries.ts';

export const MODERN = '2026-07-28';

export interface Addressee {
  readonly url: string;
  readonly token: string | undefined;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** The messages of the answer, the response last; empty where there is no body. */
  readonly messages: readonly JsonObject[];
  /** The response: result or error. */
  readonly last: { readonly result?: JsonObject; readonly error?: JsonObject };
}

export const modernMeta = (more: JsonObject = {}): JsonObject => ({
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'posts', version: '1' },
  ...more,
});

/** `tools/call` of a client of 2025-11-25 that opened no session. */
export const legacyCall = (name: string, given: JsonObject, id: string | number = 1): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: given },
});

/** A request of 2026-07-28. */
export const modernRequest = (method: string, params: JsonObject = {}, id: string | number = 1): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method,
  params: { ...params, _meta: modernMeta(params['_meta'] as JsonObject | undefined) },
});

/** The headers that go with a request of 2026-07-28. */
export const modernHeaders = (message: JsonObject): Record<string, string> => {
  const params = message['params'] as JsonObject | undefined;
  const name = message['method'] === 'resources/read' ? params?.['uri'] : (params?.['taskId'] ?? params?.['name']);
  return {
    'mcp-protocol-version': MODERN,
    'mcp-method': String(message['method']),
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
  };
};

/** Posts a message, given as a value or as the very text of the body. */
export async function post(
  to: Addressee,
  message: JsonObject | string,
  headers: Readonly<Record<string, string>> = {},
  signal: AbortSignal | null = null,
): Promise<Answered> {
  const response = await fetch(to.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(to.token === undefined ? {} : { authorization: `Bearer ${to.token}` }),
      ...headers,
    },
    body: typeof message === 'string' ? message : JSON.stringify(message),
    signal,
  });
  const text = await response.text();
  putOut('answer of /mcp', text);
  const messages = messagesOf(text);
  return { status: response.status, headers: response.headers, messages, last: messages.at(-1) ?? {} };
}

/** The text of a tool's answer. */
export function textOf({ last }: Pick<Answered, 'last'>): string {
  const content = (last.result?.['content'] ?? []) as readonly { readonly text?: string }[];
  return content.map((part) => part.text ?? '').join('\n');
}

/** The messages of a body that is JSON or an event stream. */
function messagesOf(body: string): readonly JsonObject[] {
  if (body === '') return [];
  if (body.startsWith('{')) return [JSON.parse(body) as JsonObject];
  return body
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => JSON.parse(line.slice('data:'.length)) as JsonObject);
}
