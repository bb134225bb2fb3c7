/** One agent on a line-delimited connection, as its client speaks on stdio. */
import type { Socket } from 'node:net';
import type { Route } from '../domain/call.ts';
import type { Presented } from '../domain/principal.ts';
import { ok, type Result } from '../domain/result.ts';
import { faultText, INVALID_REQUEST, type WireFault } from '../wire/faults.ts';
import { readInitialize, UNMET } from '../wire/legacy.ts';
import { UNSAID_LEVEL } from '../wire/log-level.ts';
import { type Message, type Request, readMessage } from '../wire/message.ts';
import { isModern, readEnvelope } from '../wire/modern.ts';
import { MODERN } from '../wire/revisions.ts';
import { ClientConnection } from './client-connection.ts';
import type { Caller, Doorkeeper } from './conversation.ts';
import { converse } from './converse.ts';
import { hearLists } from './hear-lists.ts';
import { type ClientLine, LineReply } from './line-reply.ts';

/** Hands over the lines of a connection, those that came early first. */
export type Lines = (onLine: (line: string) => void) => void;

/** Serves one agent until its connection ends; what is under way then is cancelled. */
export function serveAgent(
  keeper: Doorkeeper,
  socket: Socket,
  at: { profile: string; folder: string },
  lines: Lines,
): void {
  const agent = new Agent(keeper, socket, at);
  socket.once('close', () => agent.end());
  lines((line) => {
    const message = readMessage(line);
    if (message.ok) agent.hear(message.value);
    else agent.write(faultText(message.error));
  });
}

/** A client is behind when so many bytes wait for it. */
const BEHIND = 1024 * 1024;

class Agent implements ClientLine {
  readonly #keeper: Doorkeeper;
  readonly #socket: Socket;
  readonly #who: Pick<Caller, 'presented' | 'route' | 'boundTo'>;
  readonly #connection = new ClientConnection(() => undefined);
  /** What the last `initialize` settled. */
  #handshake = UNMET;
  #isMet = false;
  #hears = false;

  constructor(keeper: Doorkeeper, socket: Socket, { profile, folder }: { profile: string; folder: string }) {
    this.#keeper = keeper;
    this.#socket = socket;
    const presented: Presented = { door: 'socket' };
    const route: Route = { profile, session: undefined, folder };
    // One principal stands behind the socket.
    this.#who = { presented, route, boundTo: ['stdio', profile, folder] };
  }

  write(text: string): void {
    if (this.#socket.writable) this.#socket.write(`${text}\n`);
  }

  get isBehind(): boolean {
    return this.#socket.writableLength > BEHIND;
  }

  end(): void {
    this.#connection.end();
  }

  hear(message: Message): void {
    if (message.kind === 'request') return void this.#answer(message).catch(this.#keeper.fault);
    if (message.kind === 'notification' && message.method === 'notifications/initialized') this.#tellOfChanges();
    this.#connection.hear(message);
  }

  async #answer(request: Request): Promise<void> {
    const caller = this.#callerOf(request);
    if (!caller.ok) return this.write(faultText(caller.error));
    const signal = this.#connection.flights.open(request.id);
    if (signal === undefined) {
      const message = 'Invalid request: a request with this id is under way';
      return this.write(faultText({ id: request.id, code: INVALID_REQUEST, message }));
    }
    const reply = new LineReply(signal, this);
    const said = await converse({ keeper: this.#keeper, request, caller: caller.value, reply });
    reply.finish();
    this.#connection.close(request.id);
    if (!signal.aborted) this.write(said.text);
  }

  #callerOf(request: Request): Result<Caller, WireFault> {
    const trace = { traceparent: undefined, tracestate: undefined };
    const here = { ...this.#who, transport: 'stdio', mirrored: undefined, trace } as const;
    if (isModern(request.meta)) {
      const envelope = readEnvelope(request);
      if (!envelope.ok) return envelope;
      return ok({ ...here, ...envelope.value, era: 'modern', revision: MODERN, connection: undefined });
    }
    if (request.method === 'initialize') {
      this.#handshake = readInitialize(request.params);
      this.#isMet = true;
    } else if (this.#isMet && request.method !== 'ping') this.#tellOfChanges();
    const connection = this.#connection;
    const logLevel = connection.logLevel ?? UNSAID_LEVEL;
    return ok({ ...here, ...this.#handshake, era: 'legacy', connection, logLevel });
  }

  /** Once the client has said that it is ready; one that goes on without saying so, after a new gateway, is too. */
  #tellOfChanges(): void {
    if (this.#hears) return;
    this.#hears = true;
    const say = (message: string): void => {
      if (!this.isBehind) this.write(message);
    };
    this.#connection.open({ say, end: () => undefined }, hearLists(this.#keeper, this.#who));
  }
}
