/** How much room is left: the quotas of the deployment, against what the store takes and what is kept of a principal. */
import type { Quota, Quotas } from '../domain/retention.ts';
import type { Awaitable } from './sql.ts';

export interface Room {
  /** Whether the store, as it was last measured, has no room for anything new. */
  isFull(): boolean;
  /** What the contents of one principal may take, in bytes, before nothing new is kept of it. */
  readonly ofPrincipal: number;
}

export const NO_END: Room = { isFull: () => false, ofPrincipal: Number.POSITIVE_INFINITY };

/** At most so much of a quota is kept free for what is under way: its outcomes, and who was refused why. Bytes. */
const LARGEST_RESERVE = 64 * 1024 * 1024;

/** What may be taken before nothing new begins. Bytes. */
const usable = (quota: number | undefined): number =>
  quota === undefined ? Number.POSITIVE_INFINITY : quota - Math.min(quota / 20, LARGEST_RESERVE);

/** How old a measurement may get, in milliseconds. */
const MEASURED_WITHIN = 1_000;

/** The room in a store whose bytes `measure` tells; it is asked at most once a second, and then `set` is called. */
export function roomIn(quotas: Quotas, measure: (set: (bytes: number) => void) => void): Room {
  const most = usable(quotas.store);
  let [full, measuredAt] = [false, Number.NEGATIVE_INFINITY];
  const set = (bytes: number): void => {
    full = bytes >= most;
  };
  const isFull = (): boolean => {
    const at = performance.now();
    if (at - measuredAt < MEASURED_WITHIN) return full;
    measuredAt = at;
    measure(set);
    return full;
  };
  return { isFull: quotas.store === undefined ? NO_END.isFull : isFull, ofPrincipal: usable(quotas.principal) };
}

interface Keeping {
  readonly room: Room;
  readonly sessions: { readonly kept: { of(owner: string): Promise<number> } };
}

/** The quota that leaves no room for something new of this owner. Outcomes of what is under way are kept all the same. */
export function overQuota({ room, sessions }: Keeping, owner: string): Awaitable<Quota | undefined> {
  if (room.isFull()) return 'store';
  if (room.ofPrincipal === Number.POSITIVE_INFINITY) return undefined;
  return sessions.kept.of(owner).then((bytes) => (bytes >= room.ofPrincipal ? 'principal' : undefined));
}
