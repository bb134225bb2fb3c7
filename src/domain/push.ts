/** Web push: the browsers in which people want to be told. */
import type { Known } from './person.ts';
import type { Caller } from './principal.ts';
import type { Result } from './result.ts';

/** What a browser gives whoever may wake it (Push API, `PushSubscription`): an address of its push service, and two keys. */
export interface PushAddress {
  readonly endpoint: string;
  /** Base64url: a point of P-256, and 16 bytes. */
  readonly p256dh: string;
  readonly auth: string;
}

export interface PushSubscription extends PushAddress {
  /** Follows from the endpoint. */
  readonly id: string;
  readonly person: Known;
  /** Of its issuer, by the login with which it last came by. */
  readonly groups: readonly string[];
  /** Milliseconds since the epoch: a browser that does not come again by then is forgotten. */
  readonly until: number;
}

/** Where they are kept. All reject with `LedgerFault`. */
export interface PushSubscriptions {
  /** Those that count at `at`. */
  subscriptions(at: number): Promise<readonly PushSubscription[]>;
  /** Keeps one, in place of what there was of this browser. Refuses, with a sentence, a person's eleventh. */
  subscribe(subscription: PushSubscription, at: number): Promise<Result<void, string>>;
  /** Where `person` is said, only if it is that person's. */
  unsubscribe(id: string, person: Known | undefined): Promise<void>;
}

/** What the console offers people of it. */
export interface PushDesk {
  /** What a browser subscribes for (its `applicationServerKey`); undefined where the deployment tells no browsers. */
  readonly key: string | undefined;
  /** Refuses with a sentence. */
  subscribe(address: PushAddress, caller: Pick<Caller, 'principal' | 'groups'>): Promise<Result<void, string>>;
  unsubscribe(endpoint: string, person: Known): Promise<void>;
}
