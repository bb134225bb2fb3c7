import type { Authenticated, Received, Stage } from '../domain/call.ts';
import type { Caller, Presented } from '../domain/principal.ts';
import { ok, refuse } from '../domain/result.ts';

/** Whom the presented proof names; undefined where it proves nothing. A promise where a signature has to be checked first. */
export type Authenticate = (presented: Presented) => Caller | undefined | Promise<Caller | undefined>;

/** Who calls? Decided by what the door received, never by what the message says. */
export const authenticate =
  (who: Authenticate): Stage<Received, Authenticated> =>
  async (call) => {
    const caller = await who(call.presented);
    return caller === undefined ? refuse({ reason: 'unauthenticated' }) : ok({ ...call, ...caller });
  };
