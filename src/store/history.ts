/** What earlier calls make of a call that is being judged. `commit` asks again, in its own transaction. */
import { firstUnmet } from '../domain/history.ts';
import { ranOf } from './holds.ts';
import type { Operations } from './operations.ts';
import type { Store } from './store.ts';

/** A call that was made already is not refused for having been made: whoever repeats it is to hear what came of it. */
export async function unmet(
  store: Store,
  { call, demands, at }: Operations['unmet']['ask'],
): Promise<Operations['unmet']['answer']> {
  const session = await store.sessions.get(call.session);
  const past = await store.past.of(session, demands, at);
  const found = firstUnmet(demands, past, at);
  if (found === undefined) return undefined;
  const same = { ...call, lineage: session.lineage };
  const repeated = (await store.calls.identical(same)) ?? (await ranOf(store, await store.holds.ofCall(same), at));
  return repeated === undefined ? found : { repeated };
}
