/**
 * Journal: append-only, hash-chained per session in commit order. The chain covers digests; content (arguments, results)
 * lies beside it under the session's key, erasable by destroying the key. The chain named `gateway` holds what reached
 * no session, and every session's opening.
 */
import type { JsonObject } from './json.ts';
import { sha256 } from './json.ts';

export const GATEWAY_CHAIN = 'gateway';

export type EntryKind =
  | 'opened'
  | 'state'
  | 'policy'
  | 'accepted'
  | 'approver'
  | 'intent'
  | 'outcome'
  | 'found'
  | 'refused'
  | 'held'
  | 'decided'
  | 'asked'
  | 'answered'
  | 'stopped'
  | 'lifted'
  | 'event'
  | 'reported';

/** What is to be written. `body` holds digests, names and policy texts; no content and no secret. */
export interface Draft {
  readonly session: string;
  readonly kind: EntryKind;
  /** The call it belongs to, where it belongs to one. */
  readonly call: string | undefined;
  readonly at: number;
  readonly body: JsonObject;
}

export interface Entry extends Draft {
  /** Counts from 1 in each session. */
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

/** The first `prev` of every chain. */
export const CHAIN_START = 'sha256:0';

/** An entry's hash. `body` is the very text that is stored, so that no re-serialising can change it. */
export const chainHash = (prev: string, draft: Omit<Draft, 'body'>, seq: number, body: string): string =>
  sha256(`${prev}\n${draft.session}\n${seq}\n${draft.at}\n${draft.kind}\n${draft.call ?? ''}\n${body}`);
