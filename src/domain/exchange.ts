/** One exchange with a server, and the two ends that hold it: the caller's line and the connection. */
import type { Abilities } from './abilities.ts';
import type { Challenge, Credential } from './credential.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Operation } from './operation.ts';
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

/** Severities of RFC 5424 as MCP names them, the least severe first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a server logs for its client (`notifications/message`). */
export interface LogEntry {
  readonly level: LogLevel;
  readonly logger: string | undefined;
  readonly data: JsonValue;
}

/** The caller's end of a call while it lasts: aborted when the caller cancels, told of progress and of logs, asked. */
export interface Line {
  readonly signal: AbortSignal;
  progress(step: Progress): void;
  /** The least severe log that the caller wants; undefined wants none. */
  readonly logLevel: LogLevel | undefined;
  log(entry: LogEntry): void;
  /** The server has made a task of the call and goes on with it: whoever takes tasks need not wait here. */
  readonly tasked?: (() => void) | undefined;
  /**
   * Puts a question to the client, and takes it back when `until` aborts. Undefined where the client cannot be asked while
   * its request is open.
   */
  readonly ask: ((question: Question, until: AbortSignal) => Promise<Answer>) | undefined;
}

/** In front of why a call ended that its caller cancelled. */
export const CANCELLED = 'cancelled by the caller';

/** Why an exchange is cancelled, in words: an end that is not the caller's own says so itself. */
export const cancelWords = ({ reason }: AbortSignal): string => (typeof reason === 'string' ? reason : CANCELLED);

/** Whoever subscribed to a resource: until when, and how it is told. */
export interface Subscriber {
  readonly signal: AbortSignal;
  updated(uri: string): void;
}

export const QUESTIONS = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const;
export type QuestionMethod = (typeof QUESTIONS)[number];

/** What a server asks of the client in the middle of a call: elicitation, sampling, roots. */
export interface Question {
  readonly method: QuestionMethod;
  readonly params: JsonObject;
  /** The server's own key of this question; undefined where it gave none (legacy servers). */
  readonly key: string | undefined;
}

/** The client's side of a question: its result, or that it may not be asked. */
export type Answer =
  | { readonly ok: true; readonly result: JsonObject }
  | { readonly ok: false; readonly code: number; readonly message: string };

/** One exchange with a server. */
export interface Exchange {
  readonly operation: Operation;
  /** The server's own name of the tool or prompt, or the URI. */
  readonly name: string;
  /** Of a tool or prompt what it was judged by: where the server describes it otherwise by now, nothing is sent. */
  readonly pin: string | undefined;
  /** RFC 8785 text of the effective arguments. */
  readonly canonical: string;
  /** What the client may be asked and shown during this exchange. */
  readonly abilities: Abilities;
  /** What the server is shown of whose authority this is, with each of its requests; unsaid or undefined is nothing. */
  readonly credential?: Credential | undefined;
  /** Told how the server refused that, where it did. */
  challenged?(challenge: Challenge): void;
  readonly trace: TraceContext;
  /** Milliseconds since the epoch; the connection cancels downstream and answers `unknown` when it passes. */
  readonly deadline: number;
  readonly line: Line;
  /** The server asks the client something meanwhile. Time that passes until the answer is not the server's. */
  ask(question: Question): Promise<Answer>;
  /** Who subscribes, where the operation is that. */
  readonly subscriber: Subscriber | undefined;
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
