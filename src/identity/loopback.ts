/** The local doors: the 0600 socket proves the user by itself, loopback HTTP and the API by the token of a 0600 file each. */
import { timingSafeEqual } from 'node:crypto';
import type { Caller, Presented } from '../domain/principal.ts';

/**
 * `caller`, where the presented proof is theirs: the agent that works for a user behind the doors of MCP, the user behind that
 * of the API. Without a token (`--anonymous`, said at start) it is whoever reaches the loopback address.
 */
export function loopbackAuthenticator(
  caller: Caller,
  token: string | undefined,
): (presented: Presented) => Caller | undefined {
  const expected = token === undefined ? undefined : Buffer.from(token);
  return (presented) => {
    if (presented.door === 'socket' || expected === undefined) return caller;
    const offered = Buffer.from(presented.bearer ?? '');
    return offered.length === expected.length && timingSafeEqual(offered, expected) ? caller : undefined;
  };
}
