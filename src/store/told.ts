/** Who was told of what waits for people, and which browsers are to be told. */
import type { Told } from '../domain/notification.ts';
import type { PushSubscription } from '../domain/push.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Operations } from './operations.ts';
import { newId, type Store } from './store.ts';

const BROWSERS_PER_PERSON = 10;

/** One that another replica had and died over is taken over with the same message: whoever gets it twice can tell. */
export async function take(store: Store, { taking, by }: Operations['take']['ask']): Promise<Told | undefined> {
  const { occasion, about, round, at } = taking;
  if (!(await store.told.waits(occasion, about, at))) return undefined;
  const row = await store.told.toTake(taking);
  const isNext = (row.state === 'told' || row.state === 'given_up') && row.round < round;
  if (!isNext && !(await isFree(store, row, round, by, at))) return undefined;
  const message = isNext ? newId('msg') : row.message;
  const tries = isNext ? 1 : row.tries + 1;
  const taken = { ...row, round, message, tries, state: 'trying', by, at, again: undefined } as const;
  await store.told.update(taken);
  return taken;
}

async function isFree(
  store: Store,
  row: Pick<Told, 'state' | 'again' | 'round'> & { readonly by: string },
  round: number,
  by: string,
  at: number,
): Promise<boolean> {
  if (row.round !== round) return false;
  if (row.state === 'failed') return at >= (row.again ?? 0);
  return row.state === 'trying' && (row.by === by || !(await store.replicas.isLiving(row.by)));
}

export async function subscribe(
  store: Store,
  { subscription, at }: { readonly subscription: PushSubscription; readonly at: number },
): Promise<Result<void, string>> {
  if ((await store.pushes.count(subscription.person, subscription.id, at)) >= BROWSERS_PER_PERSON)
    return refuse(`${BROWSERS_PER_PERSON} browsers of yours are told already: take one out first`);
  await store.pushes.put(subscription, at);
  return ok(undefined);
}

export async function unsubscribe(store: Store, { id, person }: Operations['unsubscribe']['ask']): Promise<undefined> {
  if (person !== undefined && !(await store.pushes.isOf(person, id))) return;
  await store.pushes.remove(id);
}
