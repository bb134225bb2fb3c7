/** The stdio channel (basic/transports/stdio.mdx): one message a line, both ways. */
import type { JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Channel, Inbound, Sending } from './channel.ts';
import { environmentOf, type ProcessEnvironment, type ReadSecret } from './process-environment.ts';
import { type ServerProcess, type StdioAddress, startServer } from './server-process.ts';

/** Of a line that is no message so much is logged. Characters. */
const LOGGED = 200;

export class StdioChannel implements Channel {
  readonly #inbound: Inbound;
  readonly #log: (text: string) => void;
  #process: ServerProcess | undefined;
  readonly #over = new AbortController();
  closing = false;
  /** How the process ended; undefined while it runs. */
  end: string | undefined;

  constructor(inbound: Inbound, log: (text: string) => void) {
    this.#inbound = inbound;
    this.#log = log;
  }

  /** Aborts when the process has ended, or when the channel is closed. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Starts the server. Refused with a sentence without a full stop when it cannot be started. */
  async start(address: StdioAddress, readSecret: ReadSecret | undefined): Promise<Result<void, string>> {
    const environment = await environmentOf(address, readSecret);
    if (!environment.ok) return environment;
    if (this.closing) return refuse('the connection was closed');
    const started = await startServer(address, environment.value, {
      line: (text) => this.#read(text, environment.value),
      complaint: this.#log,
      ended: (how) => {
        this.end = how;
        this.#inbound.endAll(how);
        this.#over.abort();
      },
    });
    if (!started.ok) return started;
    this.#process = started.value;
    if (!this.closing) return ok(undefined);
    await this.close();
    return refuse('the connection was closed');
  }

  /** What the process said last, for the operator. */
  quote(): string {
    return this.#process?.quote() ?? '';
  }

  send(sending: Sending): void {
    if (!this.closing && this.#process?.write(sending.text)) return;
    this.#inbound.end(sending.id, { kind: 'lost', sent: false, why: this.end ?? 'the connection was closed' });
  }

  async tell(text: string): Promise<void> {
    this.#process?.write(text);
  }

  withdraw(_id: number, cancel: string | undefined): boolean {
    if (cancel !== undefined) this.#process?.write(cancel);
    return true;
  }

  async close(): Promise<void> {
    this.closing = true;
    this.#over.abort();
    await this.#process?.end();
  }

  #read(line: string, { shown }: ProcessEnvironment): void {
    if (line.trim() === '') return;
    let message: JsonValue;
    try {
      message = JSON.parse(line) as JsonValue;
    } catch {
      this.#log(`stdout holds a line that is no MCP message: ${shown(line).slice(0, LOGGED)}`);
      return;
    }
    this.#inbound.receive(message, undefined);
  }
}
