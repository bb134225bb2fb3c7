/**
 * `tollgate stdio`: the thin shim that clients start, often twice, and kill at will. It carries lines between its client
 * and the gateway, and keeps nothing but what it must to bring a new gateway up to date when the old one dies.
 */
import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import { type Home, homeOf } from '../home.ts';
import { LineCutter } from '../wire/lines.ts';
import { EXIT, Exit } from './exit.ts';
import { greetGateway, startGateway } from './gateway-socket.ts';

/** Our own JSON-RPC code: the gateway went away while this request was under way. */
const GATEWAY_GONE = 503;

type Id = string | number;

export async function stdio(policy: string): Promise<void> {
  const shim = new Shim(homeOf(process.env), resolve(policy));
  await shim.connect();
  onLines(process.stdin, (line) => shim.fromClient(line));
  await new Promise<void>((ended) => {
    process.stdin.once('end', () => ended());
    process.stdin.once('close', () => ended());
    process.stdout.once('error', () => ended()); // the client is gone
  });
  shim.close();
}

class Shim {
  readonly #home: Home;
  readonly #policy: string;
  #gateway: Promise<Socket> | undefined;
  /** Requests that the gateway has not answered yet. */
  readonly #open = new Set<Id>();
  /** The client's `initialize`, told again to a gateway that comes after. */
  #initialize: string | undefined;
  #closed = false;
  /** Lines go out in the order they came in, also while a gateway is being started. */
  #sending: Promise<void> = Promise.resolve();

  constructor(home: Home, policy: string) {
    this.#home = home;
    this.#policy = policy;
  }

  async connect(): Promise<void> {
    this.#gateway ??= this.#reach();
    await this.#gateway;
  }

  fromClient(line: string): void {
    const message = readId(line);
    if (message?.method === 'initialize') this.#initialize = line;
    this.#sending = this.#sending
      .then(() => this.#send(line, message))
      .catch((fault: unknown) => this.#answerFault(message?.id, String(fault)));
  }

  close(): void {
    this.#closed = true;
    this.#gateway?.then((socket) => socket.end()).catch(() => undefined);
  }

  async #send(line: string, message: Named | undefined): Promise<void> {
    this.#gateway ??= this.#reach(message?.method === 'initialize' ? undefined : this.#initialize);
    const socket = await this.#gateway;
    if (message?.id !== undefined && message.method !== undefined) this.#open.add(message.id);
    socket.write(`${line}\n`);
  }

  /** Finds the gateway or starts it. A client that was initialized with the last one is made known to this one. */
  async #reach(initialize?: string): Promise<Socket> {
    try {
      const hello = { as: 'agent', policy: this.#policy, folder: process.cwd() } as const;
      let greeted = await greetGateway(this.#home, hello);
      if (greeted === undefined) {
        await startGateway(this.#home);
        greeted = await greetGateway(this.#home, hello);
      }
      if (greeted === undefined) throw new Exit(EXIT.unavailable, ['the gateway ended as soon as it had started']);
      if (!greeted.welcome.ok) {
        const { problem, unavailable } = greeted.welcome;
        throw new Exit(unavailable === true ? EXIT.unavailable : EXIT.config, problem.split('\n'));
      }
      this.#listen(greeted.socket, initialize);
      return greeted.socket;
    } catch (fault) {
      this.#gateway = undefined;
      throw fault;
    }
  }

  #listen(socket: Socket, initialize: string | undefined): void {
    let swallow = initialize === undefined ? undefined : readId(initialize)?.id;
    onLines(socket, (line) => {
      const message = readId(line);
      if (message?.id !== undefined && message.method === undefined) {
        if (message.id === swallow) {
          swallow = undefined;
          return;
        }
        this.#open.delete(message.id);
      }
      process.stdout.write(`${line}\n`);
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#lost());
    if (initialize !== undefined) socket.write(`${initialize}\n`);
  }

  /** The gateway is gone: what was under way is answered honestly, and the next line finds or starts another. */
  #lost(): void {
    this.#gateway = undefined;
    if (this.#closed) return;
    for (const id of this.#open) {
      this.#answerFault(
        id,
        'Tollgate stopped while this was under way: it may have happened. Find out whether it did before you repeat it',
      );
    }
    this.#open.clear();
  }

  #answerFault(id: Id | undefined, message: string): void {
    if (id === undefined) return;
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code: GATEWAY_GONE, message } })}\n`);
  }
}

/** The longest line carried either way, in bytes: more than either side takes. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Lines as MCP means them: ended by a newline and by nothing else. */
function onLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  const cutter = new LineCutter(LONGEST_LINE);
  stream.on('data', (piece: Buffer) => {
    for (const line of cutter.push(piece) ?? []) if (line.trim() !== '') onLine(line);
  });
}

interface Named {
  readonly id?: Id;
  readonly method?: string;
}

/** Enough of a message to know what it answers; judging it is the gateway's. */
function readId(line: string): Named | undefined {
  try {
    const { id, method } = JSON.parse(line) as { id?: unknown; method?: unknown };
    return {
      ...(typeof id === 'string' || typeof id === 'number' ? { id } : {}),
      ...(typeof method === 'string' ? { method } : {}),
    };
  } catch {
    return undefined;
  }
}
