import { hash } from 'node:crypto';
import type { Committed, Settled } from '../domain/call.ts';
import { targetOf } from '../domain/contract.ts';
import { type Fields, NO_FIELDS } from '../domain/history.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Ledger, Now, Settlement } from '../domain/ports.ts';

/** Whether the outcome may be asked for again: by an identical call, or by a round that comes late. */
const isAskedFor = ({ contract, open }: Committed): boolean =>
  contract.effect !== 'read' || (open !== undefined && open.rounds > 0);

/** Of a result, what rules over earlier calls may ask later. */
function fieldsOf({ profile, contract }: Committed, outcome: Outcome): Fields {
  const recorder = profile.recorders.get(targetOf(contract));
  return recorder !== undefined && 'result' in outcome ? recorder.ofResult(outcome.result) : NO_FIELDS;
}

interface Settling {
  readonly ledger: Ledger;
  readonly now: Now;
  /** Has it written once the ledger can take it. */
  readonly later: (settlement: Settlement) => void;
  readonly fault: (error: unknown) => void;
}

/**
 * Writes what became of the intent, before anybody hears of it. A result that may be asked for again is kept. Where the
 * ledger cannot take it, the caller is told `unknown`: what is on no record is not handed over, and was made all the same.
 */
export const settle =
  ({ ledger, now, later, fault }: Settling) =>
  async (call: Committed, outcome: Outcome): Promise<Settled> => {
    const text = JSON.stringify(outcome);
    const settlement: Settlement = {
      call: call.id,
      session: call.session.id,
      at: now(),
      outcome: outcome.outcome,
      fields: fieldsOf(call, outcome),
      recorded: isAskedFor(call) ? text : undefined,
      body: {
        intent: call.entry,
        digest: `sha256:${hash('sha256', text)}`,
        ...('why' in outcome ? { why: outcome.why } : {}),
      },
    };
    try {
      await ledger.settle(settlement);
    } catch (error) {
      fault(error);
      later(settlement);
      const why = 'it was sent, and what came of it could not be recorded';
      return { id: call.id, outcome: { outcome: 'unknown', why }, recorded: undefined };
    }
    return { id: call.id, outcome, recorded: undefined };
  };
