/**
 * Hold: a call that waits for a person, durable, with its effective arguments. Grant: an approval, used at most once.
 * Approving runs nothing: whoever next presents the call runs it from the top of `decide`.
 */
import type { Amounts } from './budget.ts';
import type { Effect } from './contract.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { digestOf } from './json.ts';
import type { Need } from './policy.ts';
import { nameOf, type Principal } from './principal.ts';
import type { Terms } from './terms.ts';

/** At most so many holds open in a session; more are refused, so that nobody clicks through a flood. */
export const OPEN_HOLDS_PER_SESSION = 5;
/** Larger canonical arguments (bytes) are denied, not held: nobody can read them. */
export const LARGEST_HELD_ARGUMENTS = 16 * 1024;

/**
 * `open` until a person denies it or enough approve; `approved` until used as often as it may be; what comes too late finds it
 * `lapsed`.
 */
export type HoldState = 'open' | 'approved' | 'denied' | 'used' | 'lapsed';

/** Everything an approval binds to. Changed anything is a new hold. */
export interface Bound {
  readonly session: string;
  /** Of that session: what was asked in it stands in its successors. */
  readonly lineage: string;
  readonly principal: Principal;
  /** `server.tool`. */
  readonly target: string;
  /** Digest of the effective arguments. */
  readonly digest: string;
  readonly needs: readonly Need[];
  /** Digest of the rules that judge this tool. */
  readonly rules: string;
  /** Digest of the tool's definition. */
  readonly pin: string;
}

export interface Hold extends Bound {
  readonly id: string;
  readonly binding: string;
  readonly effect: Effect;
  readonly effective: JsonObject;
  /** Why the agent says it calls: its own unverified words. */
  readonly agentReason: string | undefined;
  readonly state: HoldState;
  readonly placedAt: number;
  /** Until when an answer counts while `open`, and until when the call may run once `approved`. */
  readonly expiresAt: number;
  /** What all its needs together ask of an approval. */
  readonly terms: Terms;
  /** In order. One denial ends it. */
  readonly decisions: readonly Decision[];
  /** The calls that used a grant of it, in order. */
  readonly usedBy: readonly string[];
}

/** A person's answer, signed by that person's key over `decisionText`. */
export interface Decision {
  readonly verdict: 'approve' | 'deny';
  readonly by: string;
  readonly at: number;
  readonly because: string | undefined;
  /** By how much the session's caps rise, by kind: where a budget is what it is about. */
  readonly extend?: Amounts | undefined;
  readonly nonce: string;
  /** Key id of the approver's public key. */
  readonly kid: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

/** A grant as the call that uses it presents it. */
export interface Redeeming {
  readonly hold: string;
  readonly binding: string;
  /** Digest of the decisions that were judged. */
  readonly judged: string;
  /** What it adds to its session, as it was signed: by how much caps rise, and the servers of production that it opens. */
  readonly extend?: Amounts | undefined;
}

export const bindingOf = (bound: Bound): string =>
  digestOf({
    session: bound.lineage,
    principal: nameOf(bound.principal),
    target: bound.target,
    digest: bound.digest,
    needs: bound.needs as unknown as JsonValue,
    rules: bound.rules,
    pin: bound.pin,
  });

export const decisionsDigest = (decisions: readonly Decision[]): string => digestOf(decisions as unknown as JsonValue);

/** What is signed. `instance` names the ledger, so that an answer given for one is void in another. */
export const decisionText = (
  instance: string,
  hold: Pick<Hold, 'id' | 'binding'>,
  decision: Omit<Decision, 'signature'>,
): string =>
  digestOf({
    purpose: 'tollgate hold decision 1',
    instance,
    hold: hold.id,
    binding: hold.binding,
    verdict: decision.verdict,
    by: decision.by,
    at: decision.at,
    because: decision.because ?? null,
    ...(decision.extend === undefined ? {} : { extend: decision.extend }),
    nonce: decision.nonce,
    kid: decision.kid,
  });
