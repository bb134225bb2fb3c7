/** Every way the path can say no. `wire/sentences.ts` picks the words that a stranger may read. */
import type { Overdrawn } from './budget.ts';
import type { Hold } from './hold.ts';
import type { Quota } from './retention.ts';
import type { Stop } from './stop.ts';

/** The world changed since the call was decided: decide once more. Nobody is told. */
export interface Stale {
  readonly reason: 'stale';
}

export type Refusal =
  | { readonly reason: 'unauthenticated' }
  | { readonly reason: 'profile_unclear'; readonly profiles: readonly string[] }
  | { readonly reason: 'session_unknown' }
  | { readonly reason: 'session_paused' }
  | { readonly reason: 'session_over' }
  /** A person stopped this call, or something that it is one of. */
  | { readonly reason: 'stopped'; readonly stop: Stop }
  | { readonly reason: 'target_unknown'; readonly target: string }
  /** A header does not say what the body says. `why`: a phrase for the caller. */
  | { readonly reason: 'header_mismatch'; readonly why: string }
  /** The caller's token is for less than the target needs. `scopes`: all that one must be for, those it has and those it lacks. */
  | { readonly reason: 'insufficient_scope'; readonly scopes: readonly string[] }
  /** The answers are for another call than this, or for one of somebody else. */
  | { readonly reason: 'round_unknown' }
  | { readonly reason: 'tool_changed'; readonly target: string }
  | { readonly reason: 'invalid_arguments'; readonly problems: readonly string[] }
  | {
      readonly reason: 'denied';
      readonly rules: readonly string[];
      readonly why: string;
      readonly remedy: string | undefined;
    }
  | { readonly reason: 'over_budget'; readonly overdrawn: Overdrawn; readonly currency: string }
  /** What is kept of calls has reached a quota, and this one would need room. */
  | { readonly reason: 'over_quota'; readonly quota: Quota }
  | { readonly reason: 'held'; readonly hold: Hold }
  /**
   * This exact call is running or has run: its result is the answer. `textOnly` where the tool shows agents no output schema,
   * so that what marks the result as recorded can be all they read (some clients show structured content and no text).
   */
  | { readonly reason: 'repeated'; readonly call: string; readonly textOnly: boolean }
  /**
   * There is no credential for the server. `why`: for the operator, never for agents. `login`: our URL where the caller's
   * person logs in first.
   */
  | {
      readonly reason: 'no_credential';
      readonly server: string;
      readonly why: string;
      readonly login?: string | undefined;
    }
  /** `why` may quote the server: for the operator, never for agents. */
  | { readonly reason: 'server_unavailable'; readonly server: string; readonly why: string };
