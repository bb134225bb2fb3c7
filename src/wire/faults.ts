/** Errors of the protocol itself, before or beside policy. Codes of MCP 2026-07-28, basic/index.mdx#error-codes. */
import type { JsonValue } from '../domain/json.ts';

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
export const HEADER_MISMATCH = -32020;
export const UNSUPPORTED_VERSION = -32022;

/** Our own codes lie outside -32768..-32000 and read like the HTTP status they go with. */
export const UNAUTHENTICATED = 401;
export const SESSION_UNKNOWN = 404;
export const PROFILE_UNCLEAR = 409;

export type RequestId = string | number;

export interface WireFault {
  readonly id: RequestId | null;
  readonly code: number;
  /** For a stranger's eyes. */
  readonly message: string;
  readonly data?: JsonValue;
  /** The HTTP status that goes with it. */
  readonly status: number;
}

export const faultText = (fault: Omit<WireFault, 'status'>): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: fault.id,
    error: { code: fault.code, message: fault.message, ...(fault.data === undefined ? {} : { data: fault.data }) },
  });
