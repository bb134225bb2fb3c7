/** Whom notifications go to. */
import type { Awaiting, Notification, Occasion } from '../domain/notification.ts';
import type { PushSubscription } from '../domain/push.ts';

/** Who is told of what, and when. Times are milliseconds. */
export interface Receiver {
  /** By which the ledger knows what it was told: another one is told anew. */
  readonly key: string;
  /** For the operator, with where it stands in the deployment's file. Nothing secret. */
  readonly name: string;
  readonly occasions: readonly Occasion[];
  /** Told of what nobody answered for so long. */
  readonly after: number;
  readonly remind: number | undefined;
  /** Whether it is one for this receiver, by whose it is. */
  concerns(awaiting: Awaiting): boolean;
  /** Never rejects but as `signal` says. */
  send(notification: Notification, message: Message): Promise<Sent>;
  /** Says once, if it can, that what it was told of waits no more. Undefined: it is not told. */
  readonly sendOver: ((about: string, message: Message) => Promise<Sent>) | undefined;
}

export interface Message {
  /** The same each time that it is tried. */
  readonly id: string;
  /** Of this try, milliseconds since the epoch. */
  readonly at: number;
  readonly signal: AbortSignal;
}

/** `again`: the same may well succeed later. `why` is a phrase for the operator, without a full stop and with nothing secret. */
export type Sent = { readonly ok: true } | { readonly ok: false; readonly again: boolean; readonly why: string };

/** An entry of the deployment's file: one receiver, or all browsers that people named. */
export interface Channel {
  receivers(browsers: readonly PushSubscription[]): readonly Receiver[];
}
