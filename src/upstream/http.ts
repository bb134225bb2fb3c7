/** The MCP endpoint: Streamable HTTP of both eras on `node:http`. The door first, then the body, then the path. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Route } from '../domain/call.ts';
import type { Caller as Authenticated, Presented } from '../domain/principal.ts';
import {
  INVALID_REQUEST,
  type Said,
  SESSION_UNKNOWN,
  saidFault,
  TOO_MANY_CONNECTIONS,
  UNAUTHENTICATED,
  type WireFault,
} from '../wire/faults.ts';
import { sealHandshake } from '../wire/legacy.ts';
import { type Request, readMessage } from '../wire/message.ts';
import type { ClientConnection } from './client-connection.ts';
import { ClientConnections } from './client-connections.ts';
import type { Caller, Doorkeeper } from './conversation.ts';
import { converse } from './converse.ts';
import { bearingTrouble, type Closed, judgeHead, judgeSite, readBody } from './doors.ts';
import { type Speaker, sessionOf, speakerOf, type Visitor } from './http-caller.ts';
import { HttpReply } from './http-reply.ts';
import { memoryAddress } from './memory/memory-address.ts';
import { MemoryDoor } from './memory/memory-door.ts';
import { NoticeStreams } from './notice-streams.ts';
import { ProtectedResource, type ResourceOptions } from './protected-resource.ts';
import { sendJson } from './send-json.ts';

export interface HttpDoor {
  /** `http://127.0.0.1:7411/mcp`. */
  readonly url: string;
  /** Stops listening, cancels nothing, ends idle connections, and waits until the rest are gone. */
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Answers what people and their programs ask for: the API and the page. Host and Origin are judged before. */
  readonly people?: (request: IncomingMessage, response: ServerResponse) => void;
  /** What callers from elsewhere are told of us; unsaid: there are none. */
  readonly resource?: ResourceOptions;
  /** Told why a token was refused unread. */
  readonly refused?: (why: string) => void;
}

const NOWHERE: ResourceOptions = { publicUrl: undefined, issuers: [], scopes: () => [] };

const PLACES = 'assets|live|holds|sessions|policies|statistics';
const IS_PEOPLES = new RegExp(
  `^/(?:(?:api|sign-in|sign-out|open|login|oauth/callback|${PLACES})(?:[/?]|$)|\\.well-known/tollgate-client\\.json$|\\?|$)`,
);

/**
 * How long an idle connection stays, in milliseconds: longer than clients keep theirs, so that a client does not post on one
 * that is being closed, and cannot tell whether its call was made.
 */
const KEEP_ALIVE = 120_000;
/** Legacy clients that are remembered between two requests, at most. */
const MOST_CONNECTIONS = 10_000;

/** Listens. Rejects with the system's error where the address cannot be had. */
export async function listenHttp(keeper: Doorkeeper, options: HttpOptions): Promise<HttpDoor> {
  const door = new Door(keeper, options);
  const server = createServer(
    { keepAlive: true, keepAliveTimeout: KEEP_ALIVE, requestTimeout: 60_000, maxHeaderSize: 32 * 1024 },
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
  readonly #connections = new ClientConnections(MOST_CONNECTIONS);
  readonly #streams: NoticeStreams;
  readonly #people: HttpOptions['people'];
  readonly #memory: MemoryDoor;
  readonly #resource: ProtectedResource;
  readonly #refused: HttpOptions['refused'];

  constructor(keeper: Doorkeeper, { people, resource = NOWHERE, refused }: HttpOptions) {
    this.#keeper = keeper;
    this.#people = people;
    this.#refused = refused;
    this.#streams = new NoticeStreams(keeper);
    this.#resource = new ProtectedResource(resource);
    this.#memory = new MemoryDoor(keeper, this.#resource);
  }

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#resource.answers(request, response)) return;
    const trouble = bearingTrouble(request);
    if (trouble !== undefined) {
      this.#refused?.(trouble);
      return close(response, { status: 400, message: `The token is refused: ${trouble}` });
    }
    if (this.#people !== undefined && IS_PEOPLES.test(request.url ?? '')) {
      const site = judgeSite(request.headers, this.#resource.site);
      return site === undefined ? this.#people(request, response) : close(response, site);
    }
    const presented: Presented = { door: 'http', bearer: bearerOf(request) };
    const memory = memoryAddress(request.url ?? '');
    if (memory !== undefined) return this.#memory.receive(request, response, memory, presented);
    const route = judgeHead(request, this.#resource.site);
    if (!route.ok) return close(response, route.error);
    const caller = await this.#keeper.path.authenticate(presented);
    // Who left while a signature was checked sends no more.
    if (request.destroyed) return void response.destroy();
    if (caller === undefined)
      return close(response, { ...UNAUTHORIZED, headers: this.#resource.unauthorized(request) });
    const visitor: Visitor = {
      presented,
      route: route.value,
      boundTo: boundTo(caller, route.value, request.url ?? ''),
    };
    if (request.method === 'GET') return this.#stream(request, response, visitor);
    if (request.method === 'DELETE') return this.#end(request, response, visitor);
    const body = await readBody(request);
    if (!body.ok) return close(response, body.error);
    const message = readMessage(body.value);
    if (!message.ok) return fail(response, message.error);
    const speaker = speakerOf(request.headers, message.value, visitor, this.#keeper.sealKey);
    if (!speaker.ok) return fail(response, speaker.error);
    if (message.value.kind === 'request') return this.#answer(message.value, speaker.value, request, response);
    const { session } = speaker.value;
    if (this.#hasEnded(session)) return fail(response, { id: null, ...ENDED });
    if (session !== undefined) this.#connections.find(session)?.hear(message.value);
    response.writeHead(202).end();
  }

  /** A legacy client with a session may open a stream, on which it is told of changes. */
  #stream(request: IncomingMessage, response: ServerResponse, visitor: Visitor): void {
    const spoken = sessionOf(request.headers, null, visitor, this.#keeper.sealKey);
    if (!spoken.ok) return void fail(response, spoken.error);
    const { session } = spoken.value;
    if (this.#hasEnded(session)) return void fail(response, { id: null, ...ENDED });
    const connection = session === undefined ? undefined : this.#connections.at(session);
    if (connection === undefined) return void fail(response, { id: null, ...FULL });
    this.#streams.open(response, connection, visitor);
  }

  /** A legacy client says goodbye to its session: that of its connection, never the one that its calls belong to. */
  #end(request: IncomingMessage, response: ServerResponse, visitor: Visitor): void {
    const spoken = sessionOf(request.headers, null, visitor, this.#keeper.sealKey);
    if (!spoken.ok) return void fail(response, spoken.error);
    const { session } = spoken.value;
    if (session !== undefined) this.#connections.end(session);
    response.writeHead(200, { 'content-length': 0 }).end();
  }

  /** Where another token would do: what it must be for, and where it is to be had. */
  #challengeOf({ status, scopes }: Said, incoming: IncomingMessage): Readonly<Record<string, string>> | undefined {
    if (scopes !== undefined) return this.#resource.insufficient(incoming, scopes);
    return status === 401 ? this.#resource.unauthorized(incoming) : undefined;
  }

  #hasEnded(session: string | undefined): boolean {
    return session !== undefined && this.#connections.hasEnded(session);
  }

  async #answer(
    request: Request,
    { caller, session }: Speaker,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (this.#hasEnded(session)) return fail(response, { id: request.id, ...ENDED });
    const connection = session === undefined ? undefined : this.#connections.at(session);
    if (session !== undefined && connection === undefined) return fail(response, { id: request.id, ...FULL });
    const signal = connection === undefined ? ownSignal(caller, response) : connection.flights.open(request.id);
    if (signal === undefined) return fail(response, { id: request.id, ...UNDER_WAY });
    const { sealKey } = this.#keeper;
    const reply = new HttpReply(response, signal);
    try {
      const spoken = connection === undefined ? caller : remembered(caller, connection);
      const answered = await converse({ keeper: this.#keeper, request, caller: spoken, reply });
      const { handshake } = answered;
      const seal = { key: sealKey, boundTo: caller.boundTo };
      const id = handshake && { 'mcp-session-id': sealHandshake(handshake, crypto.randomUUID(), seal) };
      reply.finish(answered, id ?? this.#challengeOf(answered, incoming));
    } finally {
      connection?.close(request.id);
    }
  }
}

/** A note is worth something to one principal, at one URL, for the session that was named then, however it is named. */
const boundTo = ({ principal, sid }: Authenticated, { session = sid }: Route, url: string): readonly string[] => [
  principal.issuer,
  principal.subject,
  principal.client,
  principal.tenant,
  session ?? '',
  url,
];

/** A modern request ends with its stream; a legacy one goes on until it is cancelled by name, if its client has one. */
function ownSignal(caller: Caller, response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (caller.era === 'modern') {
    response.once('close', () => {
      if (!response.writableFinished) controller.abort();
    });
  }
  return controller.signal;
}

const remembered = (caller: Caller, connection: ClientConnection): Caller => ({
  ...caller,
  connection,
  logLevel: connection.logLevel ?? caller.logLevel,
});

const UNDER_WAY = {
  code: INVALID_REQUEST,
  message: 'Invalid request: a request with this id is under way',
  status: 400,
} as const;

const ENDED = { code: SESSION_UNKNOWN, message: 'Session unknown: initialize again', status: 404 } as const;

const FULL = { code: TOO_MANY_CONNECTIONS, message: 'Too many clients are connected: try later', status: 503 } as const;

const UNAUTHORIZED: Closed = {
  status: 401,
  message: 'Unauthorized: send the token of the token file, or one of a configured issuer, as Authorization: Bearer',
};

function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function close(response: ServerResponse, closed: Closed): void {
  const code = closed.code ?? (closed.status === 401 ? UNAUTHENTICATED : INVALID_REQUEST);
  const { status, message, headers } = closed;
  sendJson(response, saidFault({ id: null, code, message, status }), headers);
}

const fail = (response: ServerResponse, fault: WireFault): void => sendJson(response, saidFault(fault));

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp`;
}

/** What was said last leaves in this turn of the loop; connections end in the next. */
const closeServer = (server: Server): Promise<void> =>
  new Promise((closed) => {
    server.close(() => closed());
    setImmediate(() => server.closeAllConnections());
  });
