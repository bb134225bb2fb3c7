import { standings } from '../domain/budget.ts';
import type { Committed, Left, Settled } from '../domain/call.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Ledger, Now, Settlement } from '../domain/ports.ts';
import { settlementOf } from './settlement-of.ts';

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

/** What became of a `read` is asked of nobody: it may be made again. */
const withQuestion = ({ contract }: Committed, outcome: Outcome): Outcome =>
  outcome.outcome === 'unknown' && contract.effect !== 'read' ? { ...outcome, asked: true } : outcome;

interface Settling {
  readonly ledger: Ledger;
  readonly now: Now;
  /** Has it written once the ledger can take it. */
  readonly later: (settlement: Settlement) => void;
  readonly fault: (error: unknown) => void;
}

/**
 * Writes what became of the intent, before anybody hears of it. Where the ledger cannot take it, the caller is told `unknown`:
 * what is on no record is not handed over, and was made all the same. So is the ledger, as soon as it can be, but for what
 * was never sent.
 */
export const settle =
  ({ ledger, now, later, fault }: Settling) =>
  async (call: Committed, reached: Outcome): Promise<Settled> => {
    const outcome = withQuestion(call, reached);
    try {
      await ledger.settle(settlementOf(call, outcome, now()));
    } catch (error) {
      fault(error);
      const why = 'it was sent, and what came of it could not be recorded';
      const told = withQuestion(call, { outcome: 'unknown', why });
      later(settlementOf(call, outcome.outcome === 'not_sent' ? outcome : told, now()));
      return { id: call.id, outcome: told, recorded: undefined };
    }
    return { id: call.id, outcome, recorded: undefined, left: await leftOf(ledger, call, now()) };
  };
