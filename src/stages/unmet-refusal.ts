import type { Unmet } from '../domain/history.ts';
import type { Refusal } from '../domain/refusal.ts';

/** The refusal of a call whose history does not allow it. */
export function unmetRefusal({ demand, freesAt }: Unmet): Refusal {
  const wait = freesAt === undefined ? undefined : `wait until ${new Date(freesAt).toISOString()}`;
  return { reason: 'denied', rules: [demand.rule], why: demand.reason, remedy: demand.remedy ?? wait };
}
