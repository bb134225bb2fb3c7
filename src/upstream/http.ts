/** The MCP endpoint: Streamable HTTP of both eras on `node:http`. The door first, then the body, then the path. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Route } from '../domain/call.ts';
import type { Presented } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { faultText, INVALID_REQUEST, UNAUTHENTICATED, type WireFault } from '../wire/faults.ts';
import { headerFault, single } from '../wire/headers.ts';
import { openHandshake, readInitialize, sealHandshake } from '../wire/legacy.ts';
import { isRequestId, type Message, type Notification, type Request, readMessage } from '../wire/message.ts';
import { isModern, readEnvelope } from '../wire/modern.ts';
import { isLegacyRevision, MODERN, NEWEST_LEGACY } from '../wire/revisions.ts';
import { type Caller, converse, type Doorkeeper, saidFault, traceOf } from './converse.ts';
import { type Closed, judgeHead, readBody } from './doors.ts';
import { HttpReply } from './http-reply.ts';
import { type InFlight, inFlight } from './in-flight.ts';

export interface HttpDoor {
  /** `http://127.0.0.1:7411/mcp`. */
  readonly url: string;
  /** Stops listening, cancels nothing, ends idle connections, and waits until the rest are gone. */
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Seals legacy session ids. */
  readonly sealKey: Uint8Array;
}

/** Listens. Rejects with the system's error where the address cannot be had. */
export async function listenHttp(keeper: Doorkeeper, options: HttpOptions): Promise<HttpDoor> {
  const door = new Door(keeper, options.sealKey);
  const server = createServer(
    { keepAlive: true, requestTimeout: 60_000, maxHeaderSize: 32 * 1024 },
    (request, response) => {
      door.receive(request, response).catch((error: unknown) => {
        // A caller that left in the middle of its body is nobody's fault, and there is nobody to tell.
        if (!request.complete) return void response.destroy();
        keeper.fault(error);
        if (response.headersSent) response.destroy();
        else close(response, { status: 500, message: 'Tollgate cannot work now' });
      });
    },
  );
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(options.port, options.host, () => listening());
  });
  return { url: urlOf(server, options.host), close: () => closeServer(server) };
}

class Door {
  readonly #keeper: Doorkeeper;
  readonly #sealKey: Uint8Array;
  /** By legacy connection, while it has requests under way. */
  readonly #connections = new Map<string, InFlight>();

  constructor(keeper: Doorkeeper, sealKey: Uint8Array) {
    this.#keeper = keeper;
    this.#sealKey = sealKey;
  }

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = judgeHead(request);
    if (!route.ok) return close(response, route.error);
    const presented: Presented = { door: 'http', bearer: bearerOf(request) };
    const principal = this.#keeper.path.authenticate(presented);
    if (principal === undefined) return close(response, UNAUTHORIZED);
    const body = await readBody(request);
    if (!body.ok) return close(response, body.error);
    const message = readMessage(body.value);
    if (!message.ok) return fail(response, message.error);
    const seal = { key: this.#sealKey, boundTo: `${principal.issuer}\n${principal.subject}\n${request.url}` };
    const caller = callerOf(request, message.value, { presented, route: route.value, seal });
    if (!caller.ok) return fail(response, caller.error);
    if (message.value.kind === 'request') return this.#answer(message.value, caller.value, response);
    if (message.value.kind === 'notification') this.#notice(message.value, caller.value);
    response.writeHead(202).end();
  }

  async #answer(request: Request, { caller, connection, seal }: Spoken, response: ServerResponse): Promise<void> {
    const opened = this.#open(request, caller, connection, response);
    if (opened === undefined) {
      return fail(response, {
        id: request.id,
        code: INVALID_REQUEST,
        message: 'Invalid request: a request with this id is under way',
        status: 400,
      });
    }
    const headers =
      request.method === 'initialize'
        ? { 'mcp-session-id': sealHandshake(readInitialize(request.params), crypto.randomUUID(), seal) }
        : {};
    const reply = new HttpReply(response, opened.signal, headers);
    if (request.method === 'tools/call') reply.mayTakeLong(tokenOf(request));
    try {
      reply.finish(await converse(this.#keeper, request, caller, reply));
    } finally {
      opened.close();
    }
  }

  /** A modern request ends with its stream; a legacy one goes on until it is cancelled by name. */
  #open(
    request: Request,
    caller: Caller,
    connection: string | undefined,
    response: ServerResponse,
  ): { signal: AbortSignal; close(): void } | undefined {
    if (caller.era === 'modern' || connection === undefined) {
      const controller = new AbortController();
      if (caller.era === 'modern') {
        response.once('close', () => {
          if (!response.writableFinished) controller.abort();
        });
      }
      return { signal: controller.signal, close: () => undefined };
    }
    const flights = this.#connections.get(connection) ?? inFlight();
    this.#connections.set(connection, flights);
    const signal = flights.open(request.id);
    if (signal === undefined) return undefined;
    const end = (): void => {
      flights.close(request.id);
      if (flights.size === 0) this.#connections.delete(connection);
    };
    return { signal, close: end };
  }

  #notice(notification: Notification, { connection }: Spoken): void {
    const id = notification.params['requestId'];
    if (notification.method !== 'notifications/cancelled' || connection === undefined || !isRequestId(id)) return;
    this.#connections.get(connection)?.cancel(id);
  }
}

interface Spoken {
  readonly caller: Caller;
  /** The legacy connection, by its sealed id. */
  readonly connection: string | undefined;
  readonly seal: { readonly key: Uint8Array; readonly boundTo: string };
}

/** Which era speaks, and in whose name: the body decides, the headers must agree. */
function callerOf(
  request: IncomingMessage,
  message: Message,
  door: { presented: Presented; route: Route; seal: Spoken['seal'] },
): Result<Spoken, WireFault> {
  const { presented, route, seal } = door;
  const transport = 'http' as const;
  const trace = traceOf(request.headers) ?? { traceparent: undefined, tracestate: undefined };
  const version = single(request.headers, 'mcp-protocol-version');
  if (message.kind === 'request' && (version === MODERN || isModern(message.meta))) {
    const client = readEnvelope(message);
    if (!client.ok) return client;
    const fault = headerFault(request.headers, message, MODERN);
    if (fault !== undefined) return refuse(fault);
    return ok({
      caller: { presented, route, client: client.value, era: 'modern', revision: MODERN, transport, trace },
      connection: undefined,
      seal,
    });
  }
  const id = message.kind === 'notification' ? null : message.id;
  if (version !== undefined && version !== MODERN && !isLegacyRevision(version)) {
    return refuse({
      id,
      code: INVALID_REQUEST,
      message: 'Invalid request: MCP-Protocol-Version is not supported',
      status: 400,
    });
  }
  const connection = single(request.headers, 'mcp-session-id');
  const handshake = connection === undefined ? UNMET : openHandshake(connection, seal);
  if (handshake === undefined)
    return refuse({ id, code: 404, message: 'Session unknown: initialize again', status: 404 });
  return ok({ caller: { presented, route, ...handshake, era: 'legacy', transport, trace }, connection, seal });
}

/** A legacy request without a session: one that came before `initialize`, or needs none. */
const UNMET = { revision: NEWEST_LEGACY, client: { name: 'unknown', version: 'unknown' } };

const UNAUTHORIZED: Closed = {
  status: 401,
  message: 'Unauthorized: send the token of the token file as Authorization: Bearer',
  headers: { 'www-authenticate': 'Bearer realm="tollgate"' },
};

function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
}

function tokenOf(request: Request): string | number | undefined {
  const token = request.meta['progressToken'];
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

function close(response: ServerResponse, closed: Closed): void {
  const code = closed.code ?? (closed.status === 401 ? UNAUTHENTICATED : INVALID_REQUEST);
  const text = faultText({ id: null, code, message: closed.message });
  response.writeHead(closed.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...closed.headers,
  });
  response.end(text);
}

function fail(response: ServerResponse, fault: WireFault): void {
  const said = saidFault(fault);
  response.writeHead(said.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(said.text),
  });
  response.end(said.text);
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp`;
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  });
