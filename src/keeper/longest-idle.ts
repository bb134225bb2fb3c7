import type { Profile } from '../domain/policy.ts';

/** Without a word of the policy, in milliseconds. */
const IDLE = 10 * 60_000;

/** No connection rests for longer than this, in milliseconds: what the most patient policy bears, or ten minutes. */
export const longestIdle = (profiles: Iterable<Profile>): number =>
  Math.max(IDLE, ...[...profiles].map(({ life }) => life.idle ?? 0));
