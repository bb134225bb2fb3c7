/** Clients that read message by message: of an event stream over HTTP, and of lines as on stdio. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { JsonObject } from '../../src/domain/json.ts';
import { SseParser } from '../../src/wire/sse.ts';
import { modernHeaders, post } from '../support/posts.ts';

/** Messages in the order they came, each once. */
class Inbox {
  readonly #waiting: JsonObject[] = [];
  #wake = Promise.withResolvers<void>();
  #over = false;

  push(message: JsonObject): void {
    this.#waiting.push(message);
    this.#wake.resolve();
  }
  end(): void {
    this.#over = true;
    this.#wake.resolve();
  }
  /** The next message; undefined when no more will come. */
  async next(): Promise<JsonObject | undefined> {
    while (this.#waiting.length === 0 && !this.#over) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
    return this.#waiting.shift();
  }
}

export interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** The next message; undefined when the stream has ended. */
  next(): Promise<JsonObject | undefined>;
  /** Whether it ended by the gateway's word, once it has ended, and did not just break. */
  readonly ended: Promise<boolean>;
  /** Ends it from the client's side. */
  close(): void;
}

/** Opens a stream: by GET, or by POST where there is a message. Resolves when its head has come. */
export async function openStream(
  url: string,
  headers: Readonly<Record<string, string>>,
  message?: JsonObject,
): Promise<Stream> {
  const leaving = new AbortController();
  const response = await fetch(url, {
    method: message === undefined ? 'GET' : 'POST',
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
    body: message === undefined ? null : JSON.stringify(message),
    signal: leaving.signal,
  });
  const inbox = new Inbox();
  const ended = read(response, inbox).then(
    () => true,
    () => false,
  );
  ended.then(() => inbox.end());
  return {
    status: response.status,
    headers: response.headers,
    next: () => inbox.next(),
    ended,
    close: () => leaving.abort(),
  };
}

async function read(response: Response, inbox: Inbox): Promise<void> {
  if (response.headers.get('content-type') !== 'text/event-stream') {
    const text = await response.text();
    if (text !== '') inbox.push(JSON.parse(text) as JsonObject);
    return;
  }
  const parser = new SseParser(1 << 20);
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = parser.push(piece);
    for (const event of events.ok ? events.value : []) inbox.push(JSON.parse(event) as JsonObject);
  }
}

/** A request of 2026-07-28 whose answer is read message by message. */
export const openModern = (url: string, message: JsonObject): Promise<Stream> =>
  openStream(url, modernHeaders(message), message);

/** Opens a legacy session, and answers the headers that name it. */
export async function openSession(
  url: string,
  capabilities: JsonObject = {},
  protocolVersion = '2025-11-25',
): Promise<Record<string, string>> {
  const params = { protocolVersion, capabilities, clientInfo: { name: 'raw', version: '1' } };
  const answer = await post({ url, token: undefined }, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': protocolVersion };
}

export interface LineClient {
  send(message: JsonObject): void;
  /** The next message; undefined when the connection has ended. */
  next(): Promise<JsonObject | undefined>;
  /** Ends the connection. */
  close(): Promise<void>;
}

/** An agent's connection, as a shim opens it. */
export async function openLine(path: string, folder = '/work'): Promise<LineClient> {
  const socket: Socket = connect(path);
  await once(socket, 'connect');
  const inbox = new Inbox();
  createInterface({ input: socket })
    .on('line', (line) => inbox.push(JSON.parse(line) as JsonObject))
    .on('error', () => socket.destroy()); // the gateway went with something of ours unread
  socket.once('close', () => inbox.end());
  const send = (message: JsonObject): void => void socket.write(`${JSON.stringify(message)}\n`);
  send({ as: 'agent', policy: 'p', folder });
  await inbox.next(); // the welcome
  const close = async (): Promise<void> => {
    const gone = once(socket, 'close');
    socket.end();
    await gone;
  };
  return { send, next: () => inbox.next(), close };
}

/** The handshake of a legacy client on a line, up to its word that it is ready. */
export async function introduce(line: LineClient, capabilities: JsonObject = {}): Promise<void> {
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } };
  line.send({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  await line.next();
  line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
}

export const request = (method: string, params: JsonObject = {}, id: string | number = 1): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
