/** A link: one live connection to one server, of either transport and either era, ready for requests. */
import { canBeAsked } from '../../domain/abilities.ts';
import type { Carried } from '../../domain/credential.ts';
import type { ListKind } from '../../domain/downstream.ts';
import type { Connection } from '../../domain/exchange.ts';
import type { ListSource } from '../lists/read-pages.ts';
import type { Channel, Reply } from './channel.ts';
import type { Agreed, Handshake } from './era.ts';
import type { PeerRequest } from './peer.ts';
import type { Pools } from './pools.ts';

export interface Link {
  readonly transport: Connection['transport'];
  readonly address: Connection['address'];
  readonly agreed: Agreed;
  readonly era: Agreed['era'];
  /** False once no request can be sent any more. */
  alive(): boolean;
  /** Never rejects. */
  request(request: PeerRequest): Promise<Reply>;
  /** Aborts when no request can be sent any more. */
  readonly over: AbortSignal;
  /**
   * Follows the changes of the server's lists; what it tells reaches the notices. Undefined where there is nothing to open:
   * it tells none, or tells them unasked. Never rejects.
   */
  readonly watch: ((stand: Stand) => Promise<Over>) | undefined;
  /** Keeps the stream open on which a legacy server says what it says unasked; undefined where there is none. Never rejects. */
  readonly hear: ((stand: Stand) => Promise<Over>) | undefined;
  /** Follows the changes of one resource; `unsubscribe` is called after. Never rejects. */
  subscribe(subscribing: Subscribing): Promise<Over>;
  /** Takes back what the server may still hold of a subscription; undefined where that is nothing. Never rejects. */
  readonly unsubscribe: ((uri: string) => Promise<void>) | undefined;
}

/** Whether a call will come whose client can be asked what a legacy server asks before it. */
export const isAskedEarly = ({ isCalled, handshake }: LinkOptions): boolean =>
  isCalled && canBeAsked(handshake.abilities);

/** Something that a server serves until one of the two ends it. */
export interface Stand {
  /** Ends it from our side: the server is told. */
  readonly signal: AbortSignal;
  /** Called once, when the server has accepted. */
  stands(): void;
}

export interface Subscribing extends Stand {
  readonly uri: string;
  /** Told of changed resources; which of them are meant is the caller's to judge. */
  updated(uri: string): void;
}

/** How it ended, or why it never stood. */
export interface Over {
  readonly reply: Reply;
  /** What the server wants of time before the next try. Milliseconds. */
  readonly wait: number;
}

/** Whether the server said no, so that another try is of no use. */
export function isFinal({ reply }: Over): boolean {
  if (reply.kind === 'refused') return !PASSING.has(reply.status);
  if (reply.kind === 'error') return reply.code !== INTERNAL_ERROR && !((reply.status ?? 0) >= 500);
  return reply.kind === 'withheld';
}

const INTERNAL_ERROR = -32603;
/** Refusals that pass: the server is busy, or has not noticed yet that the stream before has ended. */
const PASSING = new Set([408, 409, 425, 429]);

export interface LinkOptions {
  readonly pools: Pools;
  /** What was agreed with this server before; undefined where it must be found out. */
  readonly known: Agreed | undefined;
  readonly handshake: Handshake;
  /** The credential that the connection is opened with. */
  readonly carried?: Carried | undefined;
  /** Whether calls will be made through it; else it only lists. */
  readonly isCalled: boolean;
  /** Whether it serves several sessions: what cannot be told whose it is reaches none. */
  readonly isShared: boolean;
  readonly log: (text: string) => void;
  readonly listChanged: (list: ListKind) => void;
  /** A new legacy session stands: the server may run anew, and its list must be compared before anything is sent. */
  readonly renewed: (source: ListSource) => Promise<boolean>;
  /** Told of every channel as soon as it exists, so that whoever closes reaches all of them. */
  readonly opened: (channel: Pick<Channel, 'close'>) => void;
}
