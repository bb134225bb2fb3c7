/**
 * The least that a gateway can be: `node:http` in, an undici `Pool` out, JSON parsed and written again on both ways, nothing
 * judged or kept. The bench's measure is how much more than this a gateway costs. The server's URL is the first argument.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { announce, KEEP_ALIVE } from './announce.ts';

const target = new URL(process.argv[2] ?? '');
const pool = new Pool(target.origin, { connections: 64 });

const FORWARDED = ['content-type', 'accept', 'mcp-protocol-version', 'mcp-method', 'mcp-name'];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    forward(request, response, Buffer.concat(chunks).toString('utf8')).catch((error: unknown) => {
      response.writeHead(502);
      response.end(String(error));
    });
  });
});

async function forward(request: IncomingMessage, response: ServerResponse, text: string): Promise<void> {
  const headers: string[] = [];
  for (const name of FORWARDED) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.push(name, value);
  }
  const answer = await pool.request({
    path: target.pathname,
    method: 'POST',
    headers,
    body: JSON.stringify(JSON.parse(text)),
  });
  const body = JSON.stringify(JSON.parse(await answer.body.text()));
  response.writeHead(answer.statusCode, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

server.keepAliveTimeout = KEEP_ALIVE;
announce(server);
