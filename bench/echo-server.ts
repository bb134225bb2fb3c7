/**
 * A raw MCP server of revision 2026-07-28 with one tool, `echo`: what every route of the bench leads to. Nothing but
 * `node:http`, so that as little as possible hides the cost of what stands before it.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { announce, KEEP_ALIVE } from './announce.ts';
import { REVISION } from './call.ts';

const SERVER = { 'io.modelcontextprotocol/serverInfo': { name: 'echo', version: '1.0.0' } };

const TOOL = {
  name: 'echo',
  description: 'Answers the text that it was given.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  annotations: { readOnlyHint: true },
};

interface Message {
  readonly id: number | string;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: { readonly text?: string } };
}

const ANSWERS: Readonly<Record<string, (message: Message) => object | undefined>> = {
  'server/discover': () => ({
    supportedVersions: [REVISION],
    capabilities: { tools: {} },
    ttlMs: 3_600_000,
    cacheScope: 'public',
  }),
  'tools/list': () => ({ tools: [TOOL], ttlMs: 3_600_000, cacheScope: 'public' }),
  'tools/call': ({ params }) => {
    const text = params?.arguments?.text;
    if (params?.name !== TOOL.name || typeof text !== 'string') return undefined;
    return { content: [{ type: 'text', text }] };
  },
};

function answerTo(message: Message, request: IncomingMessage): { readonly status: number; readonly body: object } {
  const failed = (status: number, code: number, text: string) => ({
    status,
    body: { jsonrpc: '2.0', id: message.id, error: { code, message: text } },
  });
  if (request.headers['mcp-method'] !== message.method || request.headers['mcp-protocol-version'] !== REVISION) {
    return failed(400, -32020, 'Headers do not match the body');
  }
  const answer = ANSWERS[message.method];
  if (answer === undefined) return failed(404, -32601, 'Method not found');
  const result = answer(message);
  if (result === undefined) return failed(200, -32602, 'Invalid params');
  return {
    status: 200,
    body: { jsonrpc: '2.0', id: message.id, result: { resultType: 'complete', ...result, _meta: SERVER } },
  };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { status, body } = answerTo(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Message, request);
    const text = JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
});
server.keepAliveTimeout = KEEP_ALIVE;
announce(server);
