import { askable, canBeAsked } from '../domain/abilities.ts';
import type { Asked, Committed, Settled } from '../domain/call.ts';
import type { CallsInFlight } from './calls-in-flight.ts';
import type { OpenExchanges } from './open-exchanges.ts';

/** Runs a committed call to its end; where its client can be asked in its next request only, to the first questions. */
export const begin =
  (exchanges: OpenExchanges, flights: CallsInFlight) =>
  (call: Committed, run: (call: Committed) => Promise<Settled>): Promise<Settled | Asked> => {
    const asks = call.profile.asks.get(call.contract.server);
    const comesBack = call.line.ask === undefined && canBeAsked(askable(call.abilities, asks));
    const flying = (begun: Committed): Promise<Settled> => flights.during(begun, run);
    return comesBack ? exchanges.open(call, flying) : flying(call);
  };
