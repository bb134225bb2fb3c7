/** Runtime: the union of the intervals in which at least one call of a session was in flight. Milliseconds. */
import { type Amounts, renewedAmounts } from '../domain/budget.ts';

interface Running {
  readonly used: Amounts;
  readonly busySince: number | undefined;
}

/** What is used by `at`: the intervals that are over, and the running one. A clock set back counts nothing. */
export const runtimeAt = ({ used, busySince }: Running, at: number): number =>
  (used['runtime'] ?? 0) + (busySince === undefined ? 0 : Math.max(0, at - busySince));

interface Flights {
  used: Record<string, number>;
  inFlight: number;
  busySince: number | undefined;
}

export function beginFlight(session: Flights, at: number): void {
  session.inFlight += 1;
  session.busySince ??= at;
}

/** How a session stands once its budgets are full again at `at`: of its running interval counts what is to come. */
export const refilled = (session: Running, at: number) => ({
  used: { ...renewedAmounts(session.used) },
  busySince: session.busySince === undefined ? undefined : at,
  chargedSince: at,
});

/** The last call to end closes the interval. */
export function endFlight(session: Flights, at: number): void {
  session.inFlight -= 1;
  if (session.inFlight > 0) return;
  session.used['runtime'] = runtimeAt(session, at);
  session.busySince = undefined;
}
