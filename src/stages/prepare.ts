import { askable } from '../domain/abilities.ts';
import type { Authorized, OpenExchange, Prepared, Stage } from '../domain/call.ts';
import type { Downstream } from '../domain/downstream.ts';
import { connectionOwner } from '../domain/policy.ts';
import { ok, refuse } from '../domain/result.ts';
import { type Showing, withCredential } from './with-credential.ts';

/** A call that waits for its client between two rounds, wherever it is open. */
export type FindOpen = (call: string, server: string) => OpenExchange | undefined | Promise<OpenExchange | undefined>;

/** The session's own connection to the server, ready to send on, so that nothing has to be awaited after the intent. */
export const prepare =
  (downstream: Pick<Downstream, 'connect'>, findOpen: FindOpen, showing: Showing): Stage<Authorized, Prepared> =>
  async (call) => {
    if (call.round !== undefined) {
      if (call.round.session !== call.session.lineage || call.round.digest !== call.digest)
        return refuse({ reason: 'round_unknown' });
      const open = await findOpen(call.id, call.contract.server);
      if (open === undefined) return refuse({ reason: 'repeated', call: call.id, textOnly: call.policy.canHold });
      return open.fits(call) ? ok({ ...call, connection: open.connection, open }) : refuse({ reason: 'round_unknown' });
    }
    const { server } = call.contract;
    const abilities = askable(call.abilities, call.profile.asks.get(server));
    const owner = connectionOwner(call.profile, server, call.session.id);
    const connected = await withCredential(call, call.contract, call.credential, showing, (credential) =>
      downstream.connect(server, owner, abilities, credential),
    );
    if (!connected.ok) return connected;
    const { value: connection, credential } = connected.value;
    return ok({ ...call, connection, credential, open: undefined });
  };
