import { askable, canBeAsked } from '../domain/abilities.ts';
import type { Asked, Committed, Settled } from '../domain/call.ts';
import type { OpenExchanges } from './open-exchanges.ts';

/** Runs a committed call to its end; where its client can be asked in its next request only, to the first questions. */
export const begin =
  (exchanges: OpenExchanges) =>
  (call: Committed, run: (call: Committed) => Promise<Settled>): Promise<Settled | Asked> => {
    const asks = call.profile.asks.get(call.contract.server);
    const comesBack = call.line.ask === undefined && canBeAsked(askable(call.abilities, asks));
    return comesBack ? exchanges.open(call, run) : run(call);
  };
