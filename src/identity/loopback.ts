/** The local doors: the 0600 socket proves the user by itself, loopback HTTP by the token of a 0600 file. */
import { timingSafeEqual } from 'node:crypto';
import { type Caller, localCaller, type Presented } from '../domain/principal.ts';

/**
 * Whom a presented proof names. Behind both doors stands an agent that works for `user`, never `user`. Without a token
 * (`--anonymous`, said at start) whoever reaches the loopback address is that agent.
 */
export function loopbackAuthenticator(
  user: string,
  token: string | undefined,
): (presented: Presented) => Caller | undefined {
  const caller = localCaller(user);
  const expected = token === undefined ? undefined : Buffer.from(token);
  return (presented) => {
    if (presented.door === 'socket' || expected === undefined) return caller;
    const offered = Buffer.from(presented.bearer ?? '');
    return offered.length === expected.length && timingSafeEqual(offered, expected) ? caller : undefined;
  };
}
