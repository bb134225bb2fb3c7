import type { Approved, Prepared, Stage } from '../domain/call.ts';
import type { Downstream } from '../domain/ports.ts';
import { ok, refuse } from '../domain/result.ts';

/** The session's own connection to the server, ready to send on, so that nothing has to be awaited after the intent. */
export const prepare =
  (downstream: Downstream): Stage<Approved, Prepared> =>
  async (call) => {
    const connected = await downstream.connect(call.contract.server, call.session.id);
    return connected.ok
      ? ok({ ...call, connection: connected.value })
      : refuse({ reason: 'server_unavailable', ...connected.error });
  };
