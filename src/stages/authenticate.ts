import type { Authenticated, Received, Stage } from '../domain/call.ts';
import type { Presented, Principal } from '../domain/principal.ts';
import { ok, refuse } from '../domain/result.ts';

/** Whom the presented proof names; undefined where it proves nothing. */
export type Authenticate = (presented: Presented) => Principal | undefined;

/** Who calls? Decided by what the door received, never by what the message says. */
export const authenticate =
  (who: Authenticate): Stage<Received, Authenticated> =>
  async (call) => {
    const principal = who(call.presented);
    return principal === undefined ? refuse({ reason: 'unauthenticated' }) : ok({ ...call, principal });
  };
