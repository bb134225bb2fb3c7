/** What a request is answered with and from, whatever the transport: who keeps the door, who speaks, and where answers go. */

import type { Abilities } from '../domain/abilities.ts';
import type { Route } from '../domain/call.ts';
import type { LogLevel, Progress, TraceContext } from '../domain/exchange.ts';
import type { NewId, Now } from '../domain/ports.ts';
import type { Presented } from '../domain/principal.ts';
import type { Dress } from '../wire/dress.ts';
import type { Said } from '../wire/faults.ts';
import type { Handshake } from '../wire/legacy.ts';
import type { Request } from '../wire/message.ts';
import type { Client } from '../wire/modern.ts';
import type { Patience } from '../wire/patience.ts';
import type { Era } from '../wire/revisions.ts';
import type { AnswerCall, Path } from './answer.ts';
import type { ClientConnection } from './client-connection.ts';

/** What every door needs. */
export interface Doorkeeper {
  readonly path: Path;
  readonly answerCall: AnswerCall;
  /** How long a client that gives itself this name waits. */
  readonly patienceOf: (clientName: string) => Patience;
  readonly now: Now;
  readonly newId: NewId;
  /** Who we say we are. */
  readonly server: Client;
  /** The page on which a person answers a hold: `https://tools.example.com/holds/h_7Q`. It authenticates nobody. */
  readonly holdUrl: (hold: string) => string;
  /** The address of the page where people find out what became of a call. */
  readonly outcomeUrl: (call: string) => string;
  /** Seals what clients keep for us: legacy session ids, the state of calls that wait for their client. */
  readonly sealKey: Uint8Array;
  /** Aborts when the gateway stops: streams that only tell of changes end then. */
  readonly stopping: AbortSignal;
  /** A fault of ours: the caller is told only that there was one. */
  readonly fault: (error: unknown) => void;
}

/** Who speaks on this connection, and how. */
export interface Caller {
  readonly presented: Presented;
  readonly route: Route;
  /** What sealed notes are bound to: who this is, and at which door. */
  readonly boundTo: readonly string[];
  readonly client: Client;
  readonly abilities: Abilities;
  readonly era: Era;
  readonly revision: string;
  readonly transport: 'http' | 'stdio';
  /** Trace context of the transport, where the message carries none. */
  readonly trace: TraceContext;
  /** Headers that repeat arguments (`mcp-param-*`); undefined where there are none to be. */
  readonly mirrored: Readonly<Record<string, string>> | undefined;
  /** The least severe log that is wanted; undefined wants none. */
  readonly logLevel: LogLevel | undefined;
  /** Of the legacy era, where the client has a session: what lasts between its requests. */
  readonly connection: ClientConnection | undefined;
}

/** The caller's end of one request. After its answer everything here is without effect. */
export interface Reply {
  /** Aborts when the caller cancels. */
  readonly signal: AbortSignal;
  /** Aborts when nobody can read the answer any more. */
  gone(): AbortSignal;
  /** Sends a message of ours ahead of the answer. */
  say(message: string): void;
  /** The same for what need not arrive: false, and nothing sent, where the client does not keep up. */
  tell(message: string): boolean;
  progress(token: string | number, step: Progress): void;
  /** The answer may take a while: silence must not last longer than the caller's transport bears. */
  mayTakeLong(token: string | number | undefined): void;
  /** The answer will take a person or another call: keep the caller's clock from running out, from now on. */
  waiting(token: string | number | undefined): void;
}

/** One request, and all that answering it takes. */
export interface Turn {
  readonly keeper: Doorkeeper;
  readonly request: Request;
  readonly caller: Caller;
  readonly reply: Reply;
}

/** An answer; where it is that to `initialize`, with what was settled. */
export type Answered = Said & { readonly handshake?: Handshake };

export type AnswerRequest = (turn: Turn) => Answered | Promise<Answered>;

export const dressOf = ({ caller, keeper }: Pick<Turn, 'caller' | 'keeper'>): Dress => ({
  era: caller.era,
  revision: caller.revision,
  server: keeper.server,
  holdUrl: keeper.holdUrl,
  outcomeUrl: keeper.outcomeUrl,
});
