import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';

/** A span of its own for a token that was refused at a door, before there was a call. `why` holds nothing of the token. */
export function traceRefusedToken(tracer: Tracer | undefined, why: string): void {
  if (tracer === undefined) return;
  const attributes = {
    'tollgate.decision': 'deny',
    'tollgate.refusal': 'unauthenticated',
    'error.type': 'invalid_token',
  };
  const span = tracer.startSpan('authenticate', { kind: SpanKind.SERVER, attributes });
  span.setStatus({ code: SpanStatusCode.ERROR, message: why });
  span.end();
}
