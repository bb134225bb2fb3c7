import { hash } from 'node:crypto';
import { type Amounts, standings } from '../domain/budget.ts';
import type { Committed, Left, Settled } from '../domain/call.ts';
import { targetOf } from '../domain/contract.ts';
import { type Fields, NO_FIELDS } from '../domain/history.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Ledger, Now, Settlement } from '../domain/ports.ts';
import { spentOf } from '../policy/output/spent.ts';

/** Whether the outcome may be asked for again: by an identical call, by whoever waits for the hold, by a round that comes late. */
const isAskedFor = ({ contract, grant, open }: Committed): boolean =>
  contract.effect !== 'read' || grant !== undefined || (open !== undefined && open.rounds > 0);

/** Of a result, what rules over earlier calls may ask later. */
function fieldsOf({ profile, contract }: Committed, outcome: Outcome): Fields {
  const recorder = profile.recorders.get(targetOf(contract));
  return recorder !== undefined && 'result' in outcome ? recorder.ofResult(outcome.result) : NO_FIELDS;
}

/** A call that claimed the most it may spend gets back what its result says it did not. */
function unspentOf({ claims, contract, policy }: Committed, outcome: Outcome): Amounts {
  const { spend } = claims;
  if (spend === undefined || contract.spendFrom === undefined || outcome.outcome !== 'ok') return {};
  const spent = spentOf(outcome.result, contract.spendFrom, policy.output?.from ?? 'structured');
  return spent === undefined || spent >= spend ? {} : { spend: spend - spent };
}

/** As this process knows it right after: the ledger has just told it. Nothing that fails here undoes what is settled. */
async function leftOf(ledger: Ledger, call: Committed, at: number): Promise<Left | undefined> {
  const { caps, currency } = call.profile;
  if (Object.keys(caps).length === 0) return undefined;
  try {
    const snapshot = await ledger.look(call.session.id, at);
    if (snapshot === undefined) return undefined;
    const inWords = call.definition?.outputSchema === undefined || call.policy.canHold;
    return { standings: standings(caps, snapshot.extended, snapshot.used), currency, inWords };
  } catch {
    return undefined;
  }
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
      unspent: unspentOf(call, outcome),
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
    return { id: call.id, outcome, recorded: undefined, left: await leftOf(ledger, call, now()) };
  };
