/** HTTP servers that tell of changes, of both eras, and whose streams a test can count and break. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type EventStore, StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { bodyOf, type Served, sendJson, serveHttp } from './http-fixture.ts';
import { QUIET_CAPABILITIES, TELLING_CAPABILITIES } from './telling.ts';
import { tellingLegacy } from './telling-legacy.ts';
import { Listened, type Told, tellingModern } from './telling-modern.ts';

export interface TellingHttp extends Served {
  /** Streams of changes that stand. */
  streams(): number;
  /** Streams of changes that were ever asked for. */
  asked(): number;
  /** URIs that are subscribed to, in all sessions. */
  subscribed(): string[];
  tell(told: Told): Promise<void>;
  /** Breaks the streams of changes, without a word. */
  drop(): void;
  /** Answers requests for streams of changes with this status, or not at all; undefined serves them again. */
  refuse(how: number | 'silence' | undefined): void;
  /** Forgets every session, and leaves their streams open. Of a modern server there is nothing to forget. */
  forget(): void;
  /** The verbs of what was asked, and which event a stream was to go on after. */
  readonly log: { readonly verb: string; readonly lastEventId: string | undefined }[];
}

interface Options {
  /** The server tells of no list. */
  readonly quiet?: boolean;
  /** A legacy server takes streams up where they dropped, and wants to be left alone for so many milliseconds before. */
  readonly retry?: number;
}

/** Responses that are streams of changes. */
class Streams {
  readonly #open = new Set<ServerResponse>();
  asked = 0;
  refused: number | 'silence' | undefined;

  /** False where it was refused. */
  take(response: ServerResponse, gone: () => void): boolean {
    this.asked++;
    if (this.refused !== undefined) {
      if (this.refused !== 'silence') response.writeHead(this.refused).end();
      return false;
    }
    this.#open.add(response);
    response.on('close', () => {
      this.#open.delete(response);
      gone();
    });
    return true;
  }

  get size(): number {
    return this.#open.size;
  }

  drop(): void {
    for (const response of this.#open) response.destroy();
  }
}

export async function serveTellingModern(options: Options = {}): Promise<TellingHttp> {
  const capabilities = options.quiet ? QUIET_CAPABILITIES : TELLING_CAPABILITIES;
  const streams = new Streams();
  const listened = new Listened();
  const log: TellingHttp['log'] = [];
  const tell = async ({ method, params }: Told): Promise<void> => {
    if (method === 'notifications/tools/list_changed') handler.notify.toolsChanged();
    if (method === 'notifications/prompts/list_changed') handler.notify.promptsChanged();
    if (method === 'notifications/resources/list_changed') handler.notify.resourcesChanged();
    if (method === 'notifications/resources/updated') handler.notify.resourceUpdated(params?.uri ?? '');
  };
  const handler = createMcpHandler(() => tellingModern(tell, () => listened.uris, capabilities), { legacy: 'reject' });
  const served = await serveHttp(async (request, response) => {
    const body = await bodyOf(request);
    const message = body === '' ? {} : (JSON.parse(body) as { id?: unknown; method?: string });
    log.push({ verb: request.method ?? '', lastEventId: undefined });
    const mark = {};
    if (message.method === 'subscriptions/listen') {
      if (!streams.take(response, () => listened.end(mark))) return;
      listened.hear({ ...message, id: mark });
    }
    await pass(request, response, body, handler.fetch);
  });
  return {
    ...served,
    streams: () => streams.size,
    asked: () => streams.asked,
    subscribed: () => listened.uris,
    tell,
    drop: () => streams.drop(),
    refuse: (how) => {
      streams.refused = how;
    },
    forget: () => undefined,
    log,
    close: async () => {
      await handler.close();
      await served.close();
    },
  };
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  fetch: (request: Request) => Promise<Response>,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const headers = new Headers(Object.entries(request.headers) as [string, string][]);
  const method = request.method ?? 'POST';
  const init = { method, headers, signal: gone.signal, ...(method === 'POST' ? { body } : {}) };
  const answer = await fetch(new Request(`http://${request.headers.host}${request.url}`, init));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.flushHeaders();
  const reader = answer.body?.getReader();
  response.on('close', () => void reader?.cancel().catch(() => undefined));
  for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
    response.write(read.value);
  }
  response.end();
}

export async function serveTellingLegacy(options: Options = {}): Promise<TellingHttp> {
  const capabilities = options.quiet ? QUIET_CAPABILITIES : TELLING_CAPABILITIES;
  const sessions = new Map<string, { transport: StreamableHTTPServerTransport; subscribed: Set<string> }>();
  const servers = new Set<ReturnType<typeof tellingLegacy>>();
  const streams = new Streams();
  const log: TellingHttp['log'] = [];
  const served = await serveHttp(async (request, response) => {
    const id = request.headers['mcp-session-id'];
    const lastEventId = request.headers['last-event-id'];
    log.push({ verb: request.method ?? '', lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined });
    const isStream = request.method === 'GET' && lastEventId === undefined;
    if (isStream && !streams.take(response, () => undefined)) return;
    const body = request.method === 'POST' ? (JSON.parse(await bodyOf(request)) as unknown) : undefined;
    const session = typeof id === 'string' ? sessions.get(id) : undefined;
    if (session !== undefined) return session.transport.handleRequest(request, response, body);
    if (typeof id === 'string') return sendJson(response, 404, { jsonrpc: '2.0', error: FORGOTTEN, id: null });
    const subscribed = new Set<string>();
    const server = tellingLegacy(subscribed, capabilities);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (sessionId) => void sessions.set(sessionId, { transport, subscribed }),
      ...(options.retry === undefined ? {} : { eventStore: new Events(), retryInterval: options.retry }),
    });
    servers.add(server);
    await server.connect(transport as Transport);
    return transport.handleRequest(request, response, body);
  });
  return {
    ...served,
    streams: () => streams.size,
    asked: () => streams.asked,
    subscribed: () => [...sessions.values()].flatMap((session) => [...session.subscribed]),
    tell: async (told) => {
      for (const server of servers) await server.notification(told as Parameters<typeof server.notification>[0]);
    },
    drop: () => streams.drop(),
    refuse: (how) => {
      streams.refused = how;
    },
    forget: () => sessions.clear(),
    log,
  };
}

const FORGOTTEN = { code: -32001, message: 'Session not found' };

/** Keeps every event of a transport, so that a stream can go on after any of them. */
class Events implements EventStore {
  readonly #events: { readonly id: string; readonly stream: string; readonly message: JSONRPCMessage }[] = [];

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const id = `${stream}_${this.#events.length}`;
    this.#events.push({ id, stream, message });
    return id;
  }

  async getStreamIdForEventId(id: string): Promise<string | undefined> {
    return this.#events.find((event) => event.id === id)?.stream;
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const after = this.#events.findIndex(({ id }) => id === lastEventId);
    const stream = this.#events[after]?.stream ?? '';
    for (const event of this.#events.slice(after + 1)) {
      if (event.stream === stream && 'jsonrpc' in event.message) await send(event.id, event.message);
    }
    return stream;
  }
}
