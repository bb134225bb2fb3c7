import type { Servers } from './policy.ts';

/** Whether one of these servers is reached at a URL of this origin. */
export const isReachedAt = (servers: Servers, origin: string): boolean =>
  [...servers.values()].some((address) => address.kind === 'http' && new URL(address.url).origin === origin);
