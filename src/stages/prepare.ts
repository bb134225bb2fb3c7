import type { Approved, OpenExchange, Prepared, Stage } from '../domain/call.ts';
import { ok, refuse } from '../domain/result.ts';
import { type ConnectingParts, connected } from './connected.ts';

/** A call that waits for its client between two rounds, wherever it is open. */
export type FindOpen = (call: string, server: string) => OpenExchange | undefined | Promise<OpenExchange | undefined>;

/** The session's own connection to the server and its credential, so that nothing has to be awaited after the intent. */
export const prepare =
  (parts: ConnectingParts, findOpen: FindOpen): Stage<Approved, Prepared> =>
  async (call) => {
    if (call.round !== undefined) {
      if (call.round.session !== call.session.lineage || call.round.digest !== call.digest)
        return refuse({ reason: 'round_unknown' });
      const open = await findOpen(call.id, call.contract.server);
      if (open === undefined) return refuse({ reason: 'repeated', call: call.id, textOnly: call.policy.canHold });
      return open.fits(call)
        ? ok({ ...call, connection: open.connection, credential: undefined, open })
        : refuse({ reason: 'round_unknown' });
    }
    const made = await connected(call, call.contract.server, parts);
    return made.ok ? ok({ ...call, ...made.value, open: undefined }) : made;
  };
