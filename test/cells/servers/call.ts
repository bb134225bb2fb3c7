/** What the feature server is made of, whatever era its SDK speaks: one request, and what its answer can do meanwhile. */
import { appendFileSync } from 'node:fs';
import type { ListKind } from '../../../src/domain/downstream.ts';
import type { LogLevel, QuestionMethod } from '../../../src/domain/exchange.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

export interface Asked {
  readonly method: QuestionMethod;
  readonly params: JsonObject;
}

/** One request of the client. */
export interface Call {
  readonly signal: AbortSignal;
  /** What the client declares that it can do. */
  readonly capabilities: JsonObject;
  /** A header of this request; undefined on stdio. */
  header(name: string): string | undefined;
  progress(step: { readonly progress: number; readonly total: number; readonly message: string }): Promise<void>;
  log(level: LogLevel, text: string): Promise<void>;
  /** Puts all these questions to the client at once; its answers come under the same keys. */
  ask(questions: Readonly<Record<string, Asked>>): Promise<Readonly<Record<string, JsonObject>>>;
}

/** Whoever is told of changes: every client of this server that listens. */
export interface Audience {
  listChanged(kind: ListKind): Promise<void>;
  updated(uri: string): Promise<void>;
}

/** A request that the server answers with a JSON-RPC error. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: number;
  readonly details: JsonObject;

  constructor(code: number, message: string, details: JsonObject = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** What the server saw, a JSON line each, in the file that `RECORD` names. */
export interface Event {
  readonly saw: 'call' | 'began' | 'cancelled' | 'heard' | 'subscribed' | 'unsubscribed';
  readonly what: JsonObject;
}

export function record(saw: Event['saw'], what: JsonObject): void {
  const file = process.env['RECORD'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ saw, what } satisfies Event)}\n`);
}
