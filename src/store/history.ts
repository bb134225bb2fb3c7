/** What earlier calls make of a call that is being judged. `commit` asks again, in its own transaction. */
import { firstUnmet } from '../domain/history.ts';
import { ranOf } from './holds.ts';
import type { Operations } from './operations.ts';
import { pastOf, type Store } from './store.ts';

/** A call that was made already is not refused for having been made: whoever repeats it is to hear what came of it. */
export function unmet(store: Store, { call, demands, at }: Operations['unmet']['ask']): Operations['unmet']['answer'] {
  const found = firstUnmet(demands, pastOf(store, store.sessions.get(call.session)), at);
  if (found === undefined) return undefined;
  const repeated =
    store.calls.identical(call.session, call.target, call.digest) ?? ranOf(store, store.holds.ofCall(call), at);
  return repeated === undefined ? found : { repeated };
}
