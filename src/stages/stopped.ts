/** What a person stopped is refused before anything of it is touched; `commit` judges it afresh. */
import type { InSession } from '../domain/call.ts';
import type { Unavailable } from '../domain/downstream.ts';
import type { Ledger } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { type Stoppable, stopOf } from '../domain/stop.ts';

type Caller = Pick<InSession, 'id' | 'session' | 'principal'>;

/** What is known of a call by now. */
type Known = Pick<Stoppable, 'target' | 'digest'>;

export const stoppableOf = ({ id, session, principal }: Caller, known: Known = {}): Stoppable => ({
  call: id,
  lineage: session.lineage,
  principal,
  ...known,
});

/** The refusal of a call that a person stopped; undefined where none did. */
export async function stopRefusal(
  ledger: Ledger,
  call: Caller,
  known?: Known,
): Promise<Extract<Refusal, { reason: 'stopped' }> | undefined> {
  const standing = await ledger.stopsStanding();
  if (standing.length === 0) return undefined;
  const stoppable = stoppableOf(call, known);
  if (stopOf(standing, stoppable) === undefined) return undefined;
  // It may have been lifted elsewhere a moment ago.
  const stop = stopOf(await ledger.stopsStanding('now'), stoppable);
  return stop && { reason: 'stopped', stop };
}

/** Nothing was opened for this call: since a person does not want it, or because the server is not there. */
export async function notConnected(ledger: Ledger, { session }: Caller, error: Unavailable): Promise<Refusal> {
  return (
    (await ledger.barred(session.id, error.server)) ?? {
      reason: 'server_unavailable',
      server: error.server,
      why: error.why,
    }
  );
}
