/**
 * A call is a growing, readonly record. Each stage takes one type and returns the next, so the compiler keeps the order:
 * Received -> Authenticated -> InSession -> Resolved -> Judged -> Afforded -> Approved -> Authorized -> Prepared -> Committed ->
 * Settled | Asked.
 */
import type { Abilities } from './abilities.ts';
import type { Amounts, BudgetStanding, PrincipalCap } from './budget.ts';
import type { Contract, Definition } from './contract.ts';
import type { Credential } from './credential.ts';
import type { Connection, Line, Question, Subscriber, TraceContext } from './exchange.ts';
import type { Demand } from './history.ts';
import type { Hold } from './hold.ts';
import type { JsonObject } from './json.ts';
import type { Operation } from './operation.ts';
import type { Outcome } from './outcome.ts';
import type { Need, Observed, Profile, TargetPolicy } from './policy.ts';
import type { Caller, Presented } from './principal.ts';
import type { Refusal } from './refusal.ts';
import type { Claim } from './replicas.ts';
import type { Result } from './result.ts';
import type { Secret } from './secret.ts';
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
  readonly operation: Operation;
  /** The target as the agent names it: `server__tool`, a URI; of a completion the prompt, or the template of URIs. */
  readonly target: string;
  /** Of a tool or prompt; of a completion `argument` and `context`; of a resource none. */
  readonly arguments: JsonObject;
  /** Headers that repeat arguments (`mcp-param-*`, in lower case); undefined where the caller's transport and era have none. */
  readonly mirrored: Readonly<Record<string, string>> | undefined;
  /** The call that a person is asked about and that this one reads for: Tollgate's own, and `target` is `server.tool`. No caller can say so. */
  readonly shownFor?: string | undefined;
  /** What a completion is for. */
  readonly completes: 'prompt' | 'resource' | undefined;
  /** A later request of a call that asked the client something: `id` is that call's. */
  readonly round: Round | undefined;
  /** Answers by key that came ahead of any question: a server may ask what its client knows it will. */
  readonly ahead: JsonObject | undefined;
  /** Who is told of changes, where the operation is a subscription. */
  readonly subscriber: Subscriber | undefined;
  readonly presented: Presented;
  readonly route: Route;
  /** Self-reported: for display, waiting times and journals, never for policy. */
  readonly client: { readonly name: string; readonly version: string };
  /** What the client says it can be asked and shown. */
  readonly abilities: Abilities;
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

export interface Authenticated extends Received, Caller {
  /** The verified token that the caller brought: what may be exchanged for another. None of this machine's own doors. */
  readonly subjectToken: Secret | undefined;
}

export interface InSession extends Authenticated {
  readonly profile: Profile;
  readonly session: Session;
  readonly snapshot: Snapshot;
  /** The session's own folder, an absolute path. */
  readonly dir: string;
}

export interface Resolved extends InSession {
  readonly policy: TargetPolicy;
  readonly contract: Contract;
  /** Of a tool or prompt. */
  readonly definition: Definition | undefined;
  /** Made once, deep-frozen: what is judged, shown, digested and sent. */
  readonly effective: JsonObject;
  /** The RFC 8785 text of `effective`, and its digest. */
  readonly canonical: string;
  readonly digest: string;
  /** Why the agent says it calls: its own unverified words, judged by nothing, sent to no server. */
  readonly agentReason: string | undefined;
}

export interface Judged extends Resolved {
  readonly rules: readonly string[];
  readonly needs: readonly Need[];
  /** What `commit` must find true of earlier calls. */
  readonly demands: readonly Demand[];
  /** What rules that only observe would have done. */
  readonly observed: readonly Observed[];
}

export interface Afforded extends Judged {
  readonly claims: Amounts;
  /** What the session may use of each kind; nothing is capped where the policy only observes this call. */
  readonly caps: Amounts;
  /** The same of all sessions of its principal together. */
  readonly principalCaps: readonly PrincipalCap[];
}

export interface Approved extends Afforded {
  /** The hold whose grant `commit` will consume; none where no person had to be asked. */
  readonly grant: Hold | undefined;
}

export interface Authorized extends Approved {
  /** What the server will be shown; undefined where it takes nothing, and for a later round, whose exchange has its own. */
  readonly credential: Credential | undefined;
}

export interface Prepared extends Authorized {
  readonly connection: Connection;
  /** The exchange that this round goes on with. */
  readonly open: OpenExchange | undefined;
}

export interface Committed extends Prepared {
  /** The intent's place in the session's journal. */
  readonly entry: number;
  /** When the exchange must be over, milliseconds since the epoch. */
  readonly deadline: number;
  /** What it was committed under: once that fell, others may have settled it, and nothing is sent any more. */
  readonly standing: Claim;
}

export interface Settled {
  readonly id: string;
  readonly outcome: Outcome;
  /** Where the outcome is that of an earlier call: when it was reached, and whether only its text is handed over. */
  readonly recorded: { readonly at: number; readonly textOnly: boolean } | undefined;
  /** How the session's budgets stand after it; none where nothing caps it, or where that could not be read. */
  readonly left?: Left | undefined;
}

export interface Left {
  readonly standings: readonly BudgetStanding[];
  /** ISO 4217 code of `spend`. */
  readonly currency: string;
  /** Whether it may be said in words beside the result: where the tool shows agents no output schema. */
  readonly inWords: boolean;
}

/** The server asks the client something before the call can go on. The client answers in its next request. */
export interface Asked {
  readonly id: string;
  /** Counts the rounds of this call, from 1. */
  readonly round: number;
  /** The first of the sessions that the call's session follows, and the digest of its effective arguments. */
  readonly session: string;
  readonly digest: string;
  /** By key. */
  readonly questions: Readonly<Record<string, Question>>;
}

/** The client's answers to what was `Asked`: raw, by key, and not all of them need be there. */
export interface Round {
  readonly number: number;
  /** As they were when the client was asked: a round with others is none of this call, whether it is open or over. */
  readonly session: string;
  readonly digest: string;
  readonly answers: JsonObject;
}

/** A call between two rounds: the intent stands, the connection is open, and the server waits. */
export interface OpenExchange {
  readonly connection: Connection;
  readonly entry: number;
  readonly deadline: number;
  /** How often the client was asked so far. */
  readonly rounds: number;
  /** Whether this is a round of the very call that is open: principal, session, target and arguments. */
  fits(call: Approved): boolean;
  /** Hands over the answers of a round, and waits for the next questions or the end. */
  goOn(call: Pick<Committed, 'id' | 'round' | 'line'>): Promise<Settled | Asked>;
}

/** One step of the path before the intent. */
export type Stage<In, Out> = (call: In) => Promise<Result<Out, Refusal>>;

/** A call that goes no further, as far as it came, and why. */
export interface Stopped {
  readonly call: Received & Partial<Resolved>;
  readonly refusal: Refusal;
}
