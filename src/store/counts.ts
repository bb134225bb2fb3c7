/** What a session used, changed by one amount at a time. */
import type { Amounts, Overdrawn } from '../domain/budget.ts';
import { type Count, LedgerFault } from '../domain/ports.ts';
import type { SessionRow } from './session-row.ts';

/** Gives back what a call claimed and did not need. */
export function giveBack(row: SessionRow, unspent: Amounts): void {
  refuseOdd(unspent);
  for (const [kind, amount] of Object.entries(unspent)) {
    const used = row.used[kind] ?? 0;
    if (amount > used) throw new LedgerFault(`No call claimed ${amount} ${kind}: only ${used} are used.`);
    row.used[kind] = used - amount;
  }
}

/** One more of a kind; where all are used, nothing, and how it stands. */
export function countOne(row: SessionRow, { kind, most }: Count): Overdrawn | undefined {
  const used = row.used[kind] ?? 0;
  const cap = most === undefined ? undefined : most + (row.extended[kind] ?? 0);
  if (cap !== undefined && used >= cap) return { kind, used, cap };
  row.used[kind] = used + 1;
  return undefined;
}

/** A negative or broken amount would make budgets meaningless. No policy that was loaded has one. */
export function refuseOdd(amounts: Amounts): void {
  for (const [kind, amount] of Object.entries(amounts)) {
    if (!Number.isSafeInteger(amount) || amount < 0) throw new LedgerFault(`No call can be charged ${amount} ${kind}.`);
  }
}
