/** The call of a request, as the path takes it. */
import type { Received } from '../domain/call.ts';
import type { TraceContext } from '../domain/exchange.ts';
import type { Target } from '../wire/targets.ts';
import type { Turn } from './conversation.ts';

/** What a request alone does not say. */
type Beside = Pick<Received, 'id' | 'round' | 'ahead' | 'subscriber' | 'line'>;

export function receivedFrom({ keeper, request, caller }: Turn, target: Target, beside: Beside): Received {
  return {
    id: beside.id,
    operation: target.operation,
    target: target.target,
    arguments: target.arguments,
    completes: target.completes,
    mirrored: caller.mirrored,
    round: beside.round,
    ahead: beside.ahead,
    subscriber: beside.subscriber,
    presented: caller.presented,
    route: caller.route,
    client: caller.client,
    abilities: caller.abilities,
    revision: caller.revision,
    transport: caller.transport,
    requestId: String(request.id),
    trace: traceOf(request.meta) ?? caller.trace,
    receivedAt: keeper.now(),
    line: beside.line,
  };
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** W3C trace context out of `_meta` or headers; whatever is malformed is as good as absent. */
export function traceOf(carrier: Readonly<Record<string, unknown>>): TraceContext | undefined {
  const { traceparent, tracestate } = carrier;
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  return {
    traceparent,
    tracestate: typeof tracestate === 'string' && tracestate.length <= 512 ? tracestate : undefined,
  };
}
