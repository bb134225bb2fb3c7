import { askable, canBeAsked } from '../domain/abilities.ts';
import type { Asked, Committed, Settled } from '../domain/call.ts';
import type { CallsInFlight } from './calls-in-flight.ts';
import type { OpenExchanges } from './open-exchanges.ts';

/** Runs a committed call to its end; where its client comes back, to the first questions, or until a task is made of it. */
export const begin =
  (exchanges: OpenExchanges, flights: CallsInFlight) =>
  (call: Committed, run: (call: Committed) => Promise<Settled>): Promise<Settled | Asked> => {
    const asks = call.profile.asks.get(call.contract.server);
    const mayAsk = canBeAsked(askable(call.abilities, asks)) || call.abilities.tasks === true;
    const comesBack = call.comesBack === true || (call.line.ask === undefined && mayAsk);
    const flying = (begun: Committed): Promise<Settled> => flights.during(begun, run);
    return comesBack ? exchanges.open(call, flying) : flying(call);
  };
