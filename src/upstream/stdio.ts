/** One agent on a line-delimited connection, as its client speaks on stdio. */
import type { Socket } from 'node:net';
import type { Progress } from '../domain/exchange.ts';
import { faultText, INVALID_REQUEST } from '../wire/faults.ts';
import { type Handshake, readInitialize } from '../wire/legacy.ts';
import { isRequestId, type Notification, type Request, readMessage } from '../wire/message.ts';
import { isModern, readEnvelope } from '../wire/modern.ts';
import { MODERN, NEWEST_LEGACY } from '../wire/revisions.ts';
import { type Caller, converse, type Doorkeeper, type Reply } from './converse.ts';
import { beginBeating, endBeating } from './heartbeat.ts';
import { inFlight } from './in-flight.ts';

/** Hands over the lines of a connection, those that came early first. */
export type Lines = (onLine: (line: string) => void) => void;

/** Serves one agent until its connection ends; what is under way then is cancelled. */
export function serveAgent(
  keeper: Doorkeeper,
  socket: Socket,
  at: { profile: string; folder: string },
  lines: Lines,
): void {
  const flights = inFlight();
  let handshake: Handshake = { revision: NEWEST_LEGACY, client: { name: 'unknown', version: 'unknown' } };
  const write = (text: string): void => void (socket.writable && socket.write(`${text}\n`));
  socket.once('close', () => flights.cancelAll());

  const answer = async (request: Request): Promise<void> => {
    const modern = isModern(request.meta);
    const client = modern ? readEnvelope(request) : undefined;
    if (client && !client.ok) return write(faultText(client.error));
    if (!modern && request.method === 'initialize') handshake = readInitialize(request.params);
    const signal = flights.open(request.id);
    if (signal === undefined) {
      return write(
        faultText({
          id: request.id,
          code: INVALID_REQUEST,
          message: 'Invalid request: a request with this id is under way',
        }),
      );
    }
    const caller: Caller = {
      presented: { door: 'socket' },
      route: { profile: at.profile, session: undefined, folder: at.folder },
      ...(client ? { client: client.value, revision: MODERN, era: 'modern' } : { ...handshake, era: 'legacy' }),
      transport: 'stdio',
      trace: { traceparent: undefined, tracestate: undefined },
    };
    const reply = new LineReply(signal, write);
    const said = await converse(keeper, request, caller, reply);
    reply.finish();
    flights.close(request.id);
    if (!signal.aborted) write(said.text);
  };

  lines((line) => {
    const message = readMessage(line);
    if (!message.ok) return write(faultText(message.error));
    if (message.value.kind === 'request') answer(message.value).catch(keeper.fault);
    if (message.value.kind === 'notification') cancelled(message.value, flights);
  });
}

function cancelled(notification: Notification, flights: ReturnType<typeof inFlight>): void {
  const id = notification.params['requestId'];
  if (notification.method === 'notifications/cancelled' && isRequestId(id)) flights.cancel(id);
}

/** A request's answer on a line-delimited connection. */
class LineReply implements Reply {
  readonly signal: AbortSignal;
  readonly #write: (text: string) => void;
  #beat: (() => void) | undefined;
  #progressed = 0;

  constructor(signal: AbortSignal, write: (text: string) => void) {
    this.signal = signal;
    this.#write = write;
  }

  progress(progressToken: string | number, step: Progress): void {
    if (step.progress <= this.#progressed) return;
    this.#progressed = step.progress;
    this.#write(
      JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, ...step } }),
    );
  }

  /** The connection's end cancels what is under way on it, so the request's own signal tells of both. */
  waiting(token: string | number | undefined): AbortSignal {
    if (token !== undefined) {
      this.#beat = () =>
        this.progress(token, { progress: this.#progressed + 0.001, total: undefined, message: 'waiting' });
      this.#beat();
      beginBeating(this.#beat);
    }
    return this.signal;
  }

  finish(): void {
    if (this.#beat !== undefined) endBeating(this.#beat);
  }
}
