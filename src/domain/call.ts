/**
 * A call is a growing, readonly record. Each stage takes one type and returns the next, so the compiler keeps the order:
 * Received -> Authenticated -> InSession -> Resolved -> Judged -> Afforded -> Approved -> Prepared -> Committed -> Settled.
 */
import type { Amounts } from './budget.ts';
import type { Contract, Definition } from './contract.ts';
import type { Connection, Line, TraceContext } from './exchange.ts';
import type { Hold } from './hold.ts';
import type { JsonObject } from './json.ts';
import type { Outcome } from './outcome.ts';
import type { Need, Profile, ToolPolicy } from './policy.ts';
import type { Presented, Principal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import type { Result } from './result.ts';
import type { Session, Snapshot } from './session.ts';

/** Which profile and session the caller named, and the working folder on stdio. */
export interface Route {
  readonly profile: string | undefined;
  readonly session: string | undefined;
  readonly folder: string | undefined;
}

export interface Received {
  /** One id for the call, whatever number of exchanges it takes. */
  readonly id: string;
  readonly operation: 'tools/call';
  /** The target as the agent names it: `server__tool`. */
  readonly target: string;
  readonly arguments: JsonObject;
  readonly presented: Presented;
  readonly route: Route;
  /** Self-reported: for display, waiting times and journals, never for policy. */
  readonly client: { readonly name: string; readonly version: string };
  /** The protocol revision this caller speaks. */
  readonly revision: string;
  readonly transport: 'http' | 'stdio';
  /** The JSON-RPC id on the caller's hop, as text. */
  readonly requestId: string;
  readonly trace: TraceContext;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly line: Line;
}

export interface Authenticated extends Received {
  readonly principal: Principal;
}

export interface InSession extends Authenticated {
  readonly profile: Profile;
  readonly session: Session;
  readonly snapshot: Snapshot;
}

export interface Resolved extends InSession {
  readonly tool: ToolPolicy;
  readonly contract: Contract;
  readonly definition: Definition;
  /** Made once, deep-frozen: what is judged, shown, digested and sent. */
  readonly effective: JsonObject;
  /** The RFC 8785 text of `effective`, and its digest. */
  readonly canonical: string;
  readonly digest: string;
}

export interface Judged extends Resolved {
  readonly rules: readonly string[];
  readonly needs: readonly Need[];
}

export interface Afforded extends Judged {
  readonly claims: Amounts;
}

export interface Approved extends Afforded {
  /** The hold whose grant `commit` will consume; none where no person had to be asked. */
  readonly grant: Hold | undefined;
}

export interface Prepared extends Approved {
  readonly connection: Connection;
}

export interface Committed extends Prepared {
  /** The intent's place in the session's journal. */
  readonly entry: number;
  /** When the exchange must be over, milliseconds since the epoch. */
  readonly deadline: number;
}

export interface Settled {
  readonly id: string;
  readonly outcome: Outcome;
  /** Where the outcome is that of an earlier call: when it was reached, and whether only its text is handed over. */
  readonly recorded: { readonly at: number; readonly textOnly: boolean } | undefined;
}

/** One step of the path before the intent. */
export type Stage<In, Out> = (call: In) => Promise<Result<Out, Refusal>>;

/** A call that goes no further, as far as it came, and why. */
export interface Stopped {
  readonly call: Received & Partial<Resolved>;
  readonly refusal: Refusal;
}
