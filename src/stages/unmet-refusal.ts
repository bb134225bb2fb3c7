import { MICROS } from '../domain/budget.ts';
import type { Unmet } from '../domain/history.ts';
import type { Refusal } from '../domain/refusal.ts';

/** The refusal of a call whose history does not allow it: of a limit what is used, and when some of that is free again. */
export function unmetRefusal(unmet: Unmet): Refusal {
  const { demand, freesAt } = unmet;
  const wait =
    freesAt === undefined ? undefined : `wait until ${new Date(freesAt).toISOString()}, when some of it is free`;
  const why = `${demand.reason}${usedWords(unmet)}`;
  return { reason: 'denied', rules: [demand.rule], why, remedy: demand.remedy ?? wait };
}

function usedWords({ demand, used }: Unmet): string {
  if (used === undefined || demand.kind !== 'limit') return '';
  if (!Number.isFinite(used)) return ', and how much of it is used cannot be told';
  return `, of which ${demand.field === undefined ? used : used / MICROS} used`;
}
