/** One HTTP/1.1 request, byte for byte, over a socket of its own. */
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends these bytes and reads until the other side ends. Where it resets the connection, what came before counts. */
export function sendRaw(port: number, bytes: Buffer | string): Promise<RawAnswer> {
  const { promise, resolve } = Promise.withResolvers<RawAnswer>();
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => resolve(parsed(Buffer.concat(chunks).toString('utf8'))));
  return promise;
}

function parsed(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body: rest.join('\r\n\r\n') };
}

export interface RawRequest {
  readonly method?: string;
  readonly target?: string;
  /** Replaces or, with undefined, leaves out what an honest client sends. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Lines after all other headers, as they are. */
  readonly lines?: readonly string[];
  readonly body?: Buffer | string;
}

/** The bytes of a request: an honest client's, but for what `request` says. */
export function rawRequest(port: number, token: string, request: RawRequest): Buffer {
  const { method = 'POST', target = '/mcp', headers = {}, lines = [], body = '' } = request;
  const bytes = Buffer.from(body);
  const all: Record<string, string | undefined> = {
    host: `127.0.0.1:${port}`,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    connection: 'close',
    'content-length': String(bytes.length),
    ...headers,
  };
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  const head = [`${method} ${target} HTTP/1.1`, ...given, ...lines, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}
