import { askable } from '../domain/abilities.ts';
import type { Authorized, OpenExchange, Prepared, Stage } from '../domain/call.ts';
import type { Credentials } from '../domain/credential.ts';
import type { Downstream } from '../domain/downstream.ts';
import { connectionOwner } from '../domain/policy.ts';
import type { Ledger } from '../domain/ports.ts';
import { ok, refuse } from '../domain/result.ts';
import { wantedBy } from './obtain-credential.ts';
import { notConnected } from './stopped.ts';

/** A call that waits for its client between two rounds, wherever it is open. */
export type FindOpen = (call: string, server: string) => OpenExchange | undefined | Promise<OpenExchange | undefined>;

/** The session's own connection to the server, ready to send on, so that nothing has to be awaited after the intent. */
export const prepare =
  (
    downstream: Pick<Downstream, 'connect'>,
    findOpen: FindOpen,
    ledger: Ledger,
    credentials: Pick<Credentials, 'refused'>,
  ): Stage<Authorized, Prepared> =>
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
    const connected = await downstream.connect(
      server,
      connectionOwner(call.profile, server, call.session.id),
      abilities,
      call.credential,
    );
    if (connected.ok) return ok({ ...call, connection: connected.value, open: undefined });
    if (connected.error.unauthorized === true && call.credential !== undefined)
      credentials.refused(wantedBy(call, call.contract), call.credential);
    return refuse(await notConnected(ledger, call, connected.error));
  };
