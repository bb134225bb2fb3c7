/** Who speaks over HTTP, and in which era: the body decides, the headers must agree. */
import type { Route } from '../domain/call.ts';
import type { TraceContext } from '../domain/exchange.ts';
import type { Presented } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { INVALID_REQUEST, type RequestId, SESSION_UNKNOWN, type WireFault } from '../wire/faults.ts';
import { type Headers, headerFault, mirroredIn, single } from '../wire/headers.ts';
import { type Handshake, openHandshake, UNMET } from '../wire/legacy.ts';
import { UNSAID_LEVEL } from '../wire/log-level.ts';
import type { Message } from '../wire/message.ts';
import { isModern, readEnvelope, versionOf } from '../wire/modern.ts';
import { isLegacyRevision, MODERN } from '../wire/revisions.ts';
import type { Caller } from './conversation.ts';
import { traceOf } from './received.ts';

/** Who knocked: authenticated, at which URL. */
export interface Visitor {
  readonly presented: Presented;
  readonly route: Route;
  /** What sealed notes are bound to: the principal, the session it names and the URL. */
  readonly boundTo: readonly string[];
}

/** Who speaks, and for the legacy era the session id, if one was given. */
export interface Speaker {
  readonly caller: Caller;
  readonly session: string | undefined;
}

export function speakerOf(
  headers: Headers,
  message: Message,
  visitor: Visitor,
  sealKey: Uint8Array,
): Result<Speaker, WireFault> {
  const version = single(headers, 'mcp-protocol-version');
  if (message.kind === 'request' && (version === MODERN || isModern(message.meta))) {
    const fault = headerFault(headers, message, versionOf(message.meta) ?? MODERN);
    if (fault !== undefined) return refuse(fault);
    const envelope = readEnvelope(message);
    if (!envelope.ok) return envelope;
    const trace = traceOf(headers) ?? NO_TRACE;
    const caller: Caller = { ...visitor, ...envelope.value, ...MODERN_HTTP, trace, mirrored: mirroredIn(headers) };
    return ok({ caller, session: undefined });
  }
  const id = message.kind === 'notification' ? null : message.id;
  if (version === MODERN && message.kind === 'response')
    return refuse(invalidRequest(id, `a client of ${MODERN} posts no responses`));
  const spoken = sessionOf(headers, id, visitor, sealKey);
  if (!spoken.ok) return spoken;
  const { session, handshake } = spoken.value;
  const trace = traceOf(headers) ?? NO_TRACE;
  const caller: Caller = { ...visitor, ...handshake, ...LEGACY_HTTP, trace };
  return ok({ caller, session });
}

const NO_TRACE: TraceContext = { traceparent: undefined, tracestate: undefined };
const MODERN_HTTP = { era: 'modern', revision: MODERN, transport: 'http', connection: undefined } as const;
const LEGACY_HTTP = {
  era: 'legacy',
  transport: 'http',
  connection: undefined,
  mirrored: undefined,
  logLevel: UNSAID_LEVEL,
} as const;

/** The legacy session that the headers name, and what `initialize` settled for it. Refused where it is not this visitor's. */
export function sessionOf(
  headers: Headers,
  id: RequestId | null,
  { boundTo }: Visitor,
  key: Uint8Array,
): Result<{ readonly session: string | undefined; readonly handshake: Handshake }, WireFault> {
  const version = single(headers, 'mcp-protocol-version');
  if (version !== undefined && version !== MODERN && !isLegacyRevision(version))
    return refuse(invalidRequest(id, 'MCP-Protocol-Version is not supported'));
  const session = single(headers, 'mcp-session-id');
  const handshake = session === undefined ? UNMET : openHandshake(session, { key, boundTo });
  if (handshake === undefined)
    return refuse({ id, code: SESSION_UNKNOWN, message: 'Session unknown: initialize again', status: 404 });
  return ok({ session, handshake });
}

const invalidRequest = (id: RequestId | null, why: string): WireFault => ({
  id,
  code: INVALID_REQUEST,
  message: `Invalid request: ${why}`,
  status: 400,
});
