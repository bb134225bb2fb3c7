/** Runtime: the union of the intervals in which at least one call of a session was in flight. Milliseconds. */
import type { Amounts } from '../domain/budget.ts';

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

/** The last call to end closes the interval. */
export function endFlight(session: Flights, at: number): void {
  session.inFlight -= 1;
  if (session.inFlight > 0) return;
  session.used['runtime'] = runtimeAt(session, at);
  session.busySince = undefined;
}
