/** One face for the official clients of both eras, and the two doors that they come through. */

import type { ListKind } from '../../../src/domain/downstream.ts';
import type { LogLevel, QuestionMethod } from '../../../src/domain/exchange.ts';
import { isObject, type JsonObject } from '../../../src/domain/json.ts';

export type Era = 'legacy' | 'modern';
export type Transport = 'http' | 'stdio';

/** How whatever stands behind it is reached: the gateway, or a server alone. */
export interface Door {
  readonly http: { readonly url: string; readonly token: string | undefined };
  readonly stdio: {
    readonly command: string;
    readonly args: string[];
    readonly env: Record<string, string>;
  };
}

export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (step: Progress) => void;
}

export type List = 'tools' | 'prompts' | 'resources' | 'resourceTemplates';

export interface Client {
  /** What both sides came to. */
  readonly revision: string | undefined;
  /** Whom it is put a question to, and every question put. */
  readonly person: Person;
  /** Every notice but progress, as it came. */
  readonly notices: readonly Notice[];
  readonly instructions: string | undefined;
  /** One page of a list; the modern SDK gathers all of them. */
  page(list: List, cursor?: string): Promise<JsonObject>;
  call(name: string, given: JsonObject, options?: CallOptions): Promise<JsonObject>;
  /** Calls, and takes logs from this level on. */
  callWithLogs(level: LogLevel, name: string): Promise<JsonObject>;
  read(uri: string): Promise<JsonObject>;
  prompt(name: string, given: Record<string, string>): Promise<JsonObject>;
  complete(params: Completing): Promise<JsonObject>;
  /** Listens for changes of lists and of resources, and answers how to stop. */
  watch(what: Watched): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface Watched {
  readonly lists?: readonly ListKind[];
  readonly uris?: readonly string[];
}

export interface Completing {
  readonly ref:
    | { readonly type: 'ref/prompt'; readonly name: string }
    | { readonly type: 'ref/resource'; readonly uri: string };
  readonly argument: { readonly name: string; readonly value: string };
  readonly context?: { readonly arguments: Record<string, string> };
}

export interface Notice {
  readonly method: string;
  readonly params: JsonObject;
}

export interface Put {
  readonly method: QuestionMethod;
  readonly params: JsonObject;
}

/** The person and the model behind a client. */
export interface Person {
  /** Answers every question from now on so; gives the list of those that are put. */
  answering(answer: (question: Put) => JsonObject): readonly Put[];
  hear(method: QuestionMethod, params: unknown): JsonObject;
}

export function person(): Person {
  let asked: Put[] = [];
  let answer = (question: Put): JsonObject => {
    throw new Error(`nobody expected ${JSON.stringify(question)}`);
  };
  return {
    answering: (given) => {
      answer = given;
      asked = [];
      return asked;
    },
    hear: (method, params) => {
      const question = { method, params: isObject(params) ? params : {} };
      asked.push(question);
      return answer(question);
    },
  };
}

export const IDENTITY = { name: 'cells', version: '1.0.0' };
export const UI_EXTENSION = 'io.modelcontextprotocol/ui';
export const UI_SETTINGS = { mimeTypes: ['text/html;profile=mcp-app'] };
/** What every client declares. */
export const CAPABILITIES = {
  elicitation: { form: {}, url: {} },
  sampling: {},
  roots: {},
  extensions: { [UI_EXTENSION]: UI_SETTINGS },
};

export const headersOf = ({ http }: Door): Record<string, string> =>
  http.token === undefined ? {} : { authorization: `Bearer ${http.token}` };
