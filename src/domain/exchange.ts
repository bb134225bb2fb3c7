/** One exchange with a server, and the two ends that hold it: the caller's line and the connection. */
import type { JsonObject, JsonValue } from './json.ts';
import type { Outcome } from './outcome.ts';

/** W3C trace context: of the caller when received, of our own spans as the call goes on. */
export interface TraceContext {
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/** Progress of a call, as MCP counts it. */
export interface Progress {
  readonly progress: number;
  readonly total: number | undefined;
  readonly message: string | undefined;
}

/** The caller's end of a call while it lasts: aborted when the caller cancels, told of progress. */
export interface Line {
  readonly signal: AbortSignal;
  progress(step: Progress): void;
}

/** What a server asks of the client in the middle of a call: elicitation, sampling, roots. */
export interface Question {
  readonly method: string;
  readonly params: JsonValue | undefined;
}

/** The client's side of a question: its result, or that it may not be asked. */
export type Answer =
  | { readonly ok: true; readonly result: JsonObject }
  | { readonly ok: false; readonly code: number; readonly message: string };

/** One exchange with a server. */
export interface Exchange {
  readonly tool: string;
  readonly canonical: string;
  readonly trace: TraceContext;
  /** Milliseconds since the epoch; the connection cancels downstream and answers `unknown` when it passes. */
  readonly deadline: number;
  readonly line: Line;
  /** The server asks the client something meanwhile. */
  ask(question: Question): Promise<Answer>;
}

/** A ready connection of one session to one server. */
export interface Connection {
  readonly server: string;
  readonly transport: 'stdio' | 'http';
  /** Host and port of an HTTP server. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  /** The revision spoken on this hop. */
  readonly revision: string;
  /** Never rejects: a fault is an outcome, `not_sent` only where no byte left. */
  call(exchange: Exchange): Promise<Outcome>;
}
