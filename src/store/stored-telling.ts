import type { Awaiting, Ending, Taking, Telling, Told } from '../domain/notification.ts';
import type { Known } from '../domain/person.ts';
import type { PushSubscription } from '../domain/push.ts';
import type { Result } from '../domain/result.ts';
import type { OperationName, Operations } from './operations.ts';

interface Home {
  ask<Name extends OperationName>(name: Name, ask: Operations[Name]['ask']): Promise<Operations[Name]['answer']>;
}

export class StoredTelling implements Telling {
  readonly #home: Home;
  /** This replica, as it is called now. */
  readonly #own: () => string;

  constructor(home: Home, own: () => string) {
    this.#home = home;
    this.#own = own;
  }

  awaiting(at: number): Promise<readonly Awaiting[]> {
    return this.#home.ask('awaiting', { at });
  }

  told(): Promise<readonly Told[]> {
    return this.#home.ask('told', undefined);
  }

  take(taking: Taking): Promise<Told | undefined> {
    return this.#home.ask('take', { taking, by: this.#own() });
  }

  ended(ending: Ending): Promise<void> {
    return this.#home.ask('ended', ending);
  }

  over(at: number): Promise<readonly Told[]> {
    return this.#home.ask('over', { at });
  }

  subscriptions(at: number): Promise<readonly PushSubscription[]> {
    return this.#home.ask('subscriptions', { at });
  }

  subscribe(subscription: PushSubscription, at: number): Promise<Result<void, string>> {
    return this.#home.ask('subscribe', { subscription, at });
  }

  unsubscribe(id: string, person: Known | undefined): Promise<void> {
    return this.#home.ask('unsubscribe', { id, person });
  }
}
