/**
 * Outcome: what became of an intent. `not_sent` only when this living process knows that no byte left. `executed` and `not_executed`
 * are what a person found out of one that was `unknown`.
 */
import type { JsonObject, JsonValue } from './json.ts';

export type OutcomeWord = Outcome['outcome'];

export type Outcome =
  /** A tool's result, as the server gave it: data, never instruction. */
  | { readonly outcome: 'ok' | 'tool_error'; readonly result: JsonObject }
  | { readonly outcome: 'rpc_error'; readonly code: number; readonly message: string; readonly data?: JsonValue }
  /** The result broke a promise (its schema, a limit) and stays here. `why` says which, never what it held. */
  | { readonly outcome: 'withheld' | 'not_sent' | 'executed' | 'not_executed'; readonly why: string }
  /** `asked`: a person is to find out what came of it. */
  | { readonly outcome: 'unknown'; readonly why: string; readonly asked?: true };
