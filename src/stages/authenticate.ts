import type { Authenticated, Received, Stage } from '../domain/call.ts';
import { type Caller, LOCAL, type Presented } from '../domain/principal.ts';
import { ok, refuse } from '../domain/result.ts';
import { Secret } from '../domain/secret.ts';

/** Whom the presented proof names; undefined where it proves nothing. A promise where a signature has to be checked first. */
export type Authenticate = (presented: Presented) => Caller | undefined | Promise<Caller | undefined>;

/** Who calls? Decided by what the door received, never by what the message says. */
export const authenticate =
  (who: Authenticate): Stage<Received, Authenticated> =>
  async (call) => {
    const caller = await who(call.presented);
    return caller === undefined
      ? refuse({ reason: 'unauthenticated' })
      : ok({ ...call, ...caller, subjectToken: subjectTokenOf(call.presented, caller) });
  };

/** The tokens of this machine's own doors are for those alone. */
const subjectTokenOf = (presented: Presented, { principal }: Caller): Secret | undefined =>
  presented.door === 'http' && presented.bearer !== undefined && principal.issuer !== LOCAL
    ? new Secret(presented.bearer)
    : undefined;
