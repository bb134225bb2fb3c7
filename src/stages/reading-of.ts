import type { Afforded, Received } from '../domain/call.ts';
import type { Line } from '../domain/exchange.ts';
import type { JsonObject } from '../domain/json.ts';

/** The call that reads what another points at: as the very caller would make it, but for what is told on its line. */
export const readingOf = (call: Afforded, tool: string, given: JsonObject, id: string, at: number): Received => ({
  id,
  operation: 'tools/call',
  target: tool,
  arguments: given,
  shownFor: call.id,
  mirrored: undefined,
  completes: undefined,
  round: undefined,
  ahead: undefined,
  subscriber: undefined,
  presented: call.presented,
  route: call.route,
  client: call.client,
  abilities: call.abilities,
  revision: call.revision,
  transport: call.transport,
  requestId: call.requestId,
  trace: call.trace,
  receivedAt: at,
  line: unheard(call.line),
});

/** Its caller waits for another call: it hears nothing of this one, and answers nothing for it. */
const unheard = ({ signal }: Line): Line => ({
  signal,
  progress: () => undefined,
  logLevel: undefined,
  log: () => undefined,
  ask: async () => ({ ok: false, code: NOT_ASKED, message: 'nobody is asked while this is read' }),
});

const NOT_ASKED = -32603;
