/** Errors of the protocol itself, before or beside policy. Codes of MCP 2026-07-28, basic/index.mdx#error-codes. */
import type { JsonValue } from '../domain/json.ts';

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
export const HEADER_MISMATCH = -32020;
export const MISSING_CAPABILITY = -32021;
export const UNSUPPORTED_VERSION = -32022;
/** Of the legacy era alone. */
export const RESOURCE_NOT_FOUND = -32002;
export const URL_ELICITATION_REQUIRED = -32042;

/** Our own codes lie outside -32768..-32000 and read like the HTTP status they go with. */
export const UNAUTHENTICATED = 401;
export const REFUSED = 403;
export const SESSION_UNKNOWN = 404;
export const PROFILE_UNCLEAR = 409;
export const TOO_MANY_CONNECTIONS = 503;

export type RequestId = string | number;

export interface WireFault {
  readonly id: RequestId | null;
  readonly code: number;
  /** For a stranger's eyes. */
  readonly message: string;
  readonly data?: JsonValue;
  /** The HTTP status that goes with it. */
  readonly status: number;
  /** Of 403, where a token must be for more: all that it must be for. */
  readonly scopes?: readonly string[];
}

/** A whole answer: the text of its message, and the HTTP status that goes with it. */
export interface Said {
  readonly text: string;
  readonly status: number;
  /** Of 403: what the caller's token must be for. */
  readonly scopes?: readonly string[];
}

export const faultText = (fault: Omit<WireFault, 'status' | 'scopes'>): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: fault.id,
    error: { code: fault.code, message: fault.message, ...(fault.data === undefined ? {} : { data: fault.data }) },
  });

export const saidFault = (fault: WireFault): Said => ({
  text: faultText(fault),
  status: fault.status,
  ...(fault.scopes === undefined ? {} : { scopes: fault.scopes }),
});

/** Parameters that cannot be read. `why` is a phrase without a full stop. */
export const invalidParams = (id: RequestId | null, why: string, status = 400): WireFault => ({
  id,
  code: INVALID_PARAMS,
  message: `Invalid params: ${why}`,
  status,
});
