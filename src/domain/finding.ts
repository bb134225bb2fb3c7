/**
 * Finding: what a person found out about a call that was sent and never answered: that it was executed, or that it was not. Until then
 * the identical call waits for that answer and nobody sends it again. The first finding stands.
 */
import type { Effect } from './contract.ts';
import { digestOf, type JsonObject } from './json.ts';
import type { Principal } from './principal.ts';
import type { Result } from './result.ts';

/** A person's answer, signed by that person's key over `findingText`. */
export interface Finding {
  readonly outcome: 'executed' | 'not_executed';
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How it was found out: kept in the journal, told to the agent. */
  readonly why: string;
  readonly nonce: string;
  /** Key id of the person's public key. */
  readonly kid: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

/** A call that is no `read`, was sent, and has no known outcome, or had none until a person found out. */
export interface UnknownCall {
  readonly id: string;
  readonly session: string;
  /** Who asked for it, with who acted then. */
  readonly principal: Principal;
  /** `server.tool`. */
  readonly target: string;
  readonly effect: Effect;
  /** Digest of the effective arguments, and those themselves. */
  readonly digest: string;
  readonly effective: JsonObject;
  /** Why the agent said it called: its own unverified words. */
  readonly agentReason: string | undefined;
  /** When its intent was written, and since when its outcome counts as unknown. Milliseconds since the epoch. */
  readonly at: number;
  readonly unknownSince: number;
  /** What is known of how it was lost, which may quote the server. */
  readonly lost: string | undefined;
  /** Undefined while it waits for a person. */
  readonly finding: Finding | undefined;
}

/** Of the ledger: calls whose outcome a person finds out. */
export interface Findings {
  /** The newest first; those of archived sessions are left out. `open`: those that wait for a person. */
  unknowns(filter: { readonly open: boolean }): Promise<readonly UnknownCall[]>;
  unknown(call: string): Promise<UnknownCall | undefined>;
  /**
   * Settles a call of unknown outcome by a person's finding, whose signature the caller has judged: for who owns the store alone.
   * Refuses, with a sentence, a call that waits for none. Charges stay, as they do for what was not sent.
   */
  resolve(call: string, finding: Finding): Promise<Result<UnknownCall, string>>;
}

/** What is signed. `instance` names the ledger, so that an answer given for one is void in another. */
export const findingText = (
  instance: string,
  call: Pick<UnknownCall, 'id' | 'session' | 'target' | 'digest'>,
  finding: Omit<Finding, 'signature'>,
): string =>
  digestOf({
    purpose: 'tollgate outcome finding 1',
    instance,
    call: call.id,
    session: call.session,
    target: call.target,
    digest: call.digest,
    outcome: finding.outcome,
    by: finding.by,
    at: finding.at,
    why: finding.why,
    nonce: finding.nonce,
    kid: finding.kid,
  });

/** Of what the agent is told, who, when and how it was found out. */
export const foundWords = ({ at, why }: Finding): string =>
  `a person found so at ${new Date(at).toISOString()}: ${why}`;
