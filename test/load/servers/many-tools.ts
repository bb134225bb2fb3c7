/**
 * Twenty-four tools, `t01` to `t24`, on stdio (default) or on HTTP at the port named by PORT; `modern` or `legacy`. Each
 * call is appended to the file named by RECORD before it is answered: with the mark it came with, its tool and this process.
 */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const isModern = process.argv.includes('modern');
const record = process.env['RECORD'] ?? '/dev/null';
const port = process.env['PORT'];

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: { readonly mark?: string };
    readonly _meta?: { readonly progressToken?: unknown };
  };
}

const tools = Array.from({ length: 24 }, (_, index) => ({
  name: `t${String(index + 1).padStart(2, '0')}`,
  description: 'Gives back its mark.',
  inputSchema: { type: 'object', properties: { mark: { type: 'string' } }, required: ['mark'] },
}));

const dressed = (result: object): object => (isModern ? { resultType: 'complete', ...result } : result);
const DISCOVERED = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, ttlMs: 0, cacheScope: 'private' };
const INITIALIZED = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'many', version: '1' },
};

/** What a call takes, in milliseconds: whoever is killed is killed in the middle of some. */
const WORK = 10;

/** The answer's result; undefined where the method is not known. */
function resultOf({ method, params }: Message): object | undefined {
  if (method === 'server/discover') return isModern ? dressed(DISCOVERED) : undefined;
  if (method === 'initialize') return isModern ? undefined : INITIALIZED;
  if (method === 'tools/list') return dressed({ tools, ttlMs: 0, cacheScope: 'private' });
  if (method !== 'tools/call') return undefined;
  const mark = params?.arguments?.mark ?? '';
  appendFileSync(record, `${JSON.stringify({ mark, tool: params?.name, pid: process.pid })}\n`);
  return dressed({ content: [{ type: 'text', text: JSON.stringify({ mark, pid: process.pid }) }] });
}

function answerTo(message: Message): string {
  const result = resultOf(message);
  return JSON.stringify(
    result === undefined
      ? { jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'Method not found' } }
      : { jsonrpc: '2.0', id: message.id, result },
  );
}

/** A step with the call's own mark, so that whoever gets another's progress notices. */
const stepOf = ({ params }: Message): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: params?._meta?.progressToken, progress: 1, message: params?.arguments?.mark },
  });

if (port === undefined) {
  let rest = '';
  process.stdin.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as Message;
      if (message.id === undefined) continue;
      const answer = answerTo(message);
      const say = (): void => void process.stdout.write(`${answer}\n`);
      if (message.method !== 'tools/call') say();
      else {
        process.stdout.write(`${stepOf(message)}\n`);
        setTimeout(say, WORK);
      }
    }
  });
  process.stdin.on('end', () => process.exit());
} else {
  const sessions = new Set<string>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
    const message = JSON.parse(body) as Message;
    const session = request.headers['mcp-session-id'];
    // A restarted server knows no session of the one before it.
    if (!isModern && typeof session === 'string' && !sessions.has(session)) return void response.writeHead(404).end();
    if (message.id === undefined) return void response.writeHead(202).end();
    if (message.method !== 'tools/call') {
      const opened = message.method === 'initialize' && !isModern ? crypto.randomUUID() : undefined;
      if (opened !== undefined) sessions.add(opened);
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(opened === undefined ? {} : { 'mcp-session-id': opened }),
      });
      return void response.end(answerTo(message));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const answer = answerTo(message);
    response.write(`data: ${stepOf(message)}\n\n`);
    setTimeout(() => response.end(`data: ${answer}\n\n`), WORK);
  });
  server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
}
