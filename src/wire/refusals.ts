/** Refusals and a server's errors as errors of the protocol: codes and words that a stranger of either era may read. */

import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Dress } from './dress.ts';
import {
  HEADER_MISMATCH,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  invalidParams,
  MISSING_CAPABILITY,
  PROFILE_UNCLEAR,
  REFUSED,
  RESOURCE_NOT_FOUND,
  type RequestId,
  SESSION_UNKNOWN,
  TOO_MANY_CONNECTIONS,
  UNAUTHENTICATED,
  URL_ELICITATION_REQUIRED,
  type WireFault,
} from './faults.ts';
import { refusalSentence, type SpokenRefusal } from './sentences.ts';
import type { Target } from './targets.ts';

/** What a call is for, as far as its errors tell. */
export type Named = Pick<Target, 'operation' | 'target' | 'completes'>;

/** The error of a refusal that says who may be here at all; undefined for every other. */
export function callerFault(id: RequestId | null, refusal: Refusal): WireFault | undefined {
  switch (refusal.reason) {
    case 'unauthenticated':
      return { id, code: UNAUTHENTICATED, message: 'Unauthorized: a valid bearer token is required', status: 401 };
    case 'session_unknown':
      return { id, code: SESSION_UNKNOWN, message: 'Session unknown', status: 404 };
    case 'profile_unclear':
      return { id, code: PROFILE_UNCLEAR, message: profilesSentence(refusal.profiles), status: 409 };
    default:
      return undefined;
  }
}

const profilesSentence = (profiles: readonly string[]): string =>
  `Several policies apply (${profiles.join(', ')}): name one in the URL, /mcp/p/${profiles[0]}`;

/** The error of a list or an offer that was refused. */
export const lookFault = (id: RequestId, refusal: Refusal): WireFault =>
  callerFault(id, refusal) ?? { id, code: INTERNAL_ERROR, message: `No list: ${refusal.reason}`, status: 200 };

/** The error of a refused call; undefined where the refusal is the tool's own answer. */
export function refusalFault(id: RequestId, named: Named, refusal: Refusal, dress: Dress): WireFault | undefined {
  switch (refusal.reason) {
    case 'unauthenticated':
    case 'session_unknown':
    case 'profile_unclear':
      return callerFault(id, refusal);
    case 'target_unknown':
      return unknownTarget(id, named, dress);
    case 'header_mismatch':
      return { id, code: HEADER_MISMATCH, message: `Header mismatch: ${refusal.why}`, status: 400 };
    case 'insufficient_scope':
      return narrowFault(id, refusal.scopes);
    case 'round_unknown':
      return wrongState(id);
    default:
      return named.operation === 'tools/call' ? undefined : refusedFault(id, refusal, dress);
  }
}

/** MCP 2026-07-28, basic/authorization: a client that can asks its issuer for a token that is for all of these. */
const narrowFault = (id: RequestId, scopes: readonly string[]): WireFault => ({
  id,
  code: REFUSED,
  message: `Insufficient scope: log in again for ${scopes.join(' ')}`,
  data: { 'tollgate/refused': 'insufficient_scope', scopes },
  status: 403,
  scopes,
});

/** In the same words for what is forbidden, what is not there, and what its server does not have. */
function unknownTarget(id: RequestId, { operation, target, completes }: Named, { era }: Dress): WireFault {
  if (operation === 'tools/call') return { id, code: INVALID_PARAMS, message: `Unknown tool: ${target}`, status: 200 };
  if (operation === 'prompts/get' || completes === 'prompt')
    return { id, code: INVALID_PARAMS, message: `Unknown prompt: ${target}`, status: 200 };
  const code = era === 'legacy' && completes === undefined ? RESOURCE_NOT_FOUND : INVALID_PARAMS;
  return { id, code, message: 'Resource not found', data: { uri: target }, status: 200 };
}

/** In the same words for a state that is not ours, that has expired, and whose call is not open any more. */
export const wrongState = (id: RequestId): WireFault =>
  invalidParams(
    id,
    'requestState is not one that this call was given, or its time is over: call again without it',
    200,
  );

/** Prompts, resources and completions have no way to say no but an error. */
function refusedFault(id: RequestId, refusal: SpokenRefusal, { holdUrl }: Dress): WireFault {
  if (refusal.reason === 'invalid_arguments') return invalidParams(id, refusal.problems.join('; '), 200);
  return {
    id,
    code: REFUSED,
    message: refusalSentence(refusal, holdUrl),
    data: refusalMarks(refusal, holdUrl),
    status: 200,
  };
}

/** What a program reads of a refusal. */
export const refusalMarks = (refusal: SpokenRefusal, holdUrl: Dress['holdUrl']): JsonObject => ({
  'tollgate/refused': refusal.reason,
  ...(refusal.reason === 'held' ? { 'tollgate/hold': refusal.hold.id, 'tollgate/url': holdUrl(refusal.hold.id) } : {}),
  ...(refusal.reason === 'no_credential' && refusal.login !== undefined ? { 'tollgate/login': refusal.login } : {}),
  ...(refusal.reason === 'stopped' ? { 'tollgate/stop': refusal.stop.id } : {}),
});

/** A server's own error, as its caller reads it. */
export function serverFault(
  id: RequestId,
  named: Named,
  { code, message, data }: Extract<Outcome, { outcome: 'rpc_error' }>,
  dress: Dress,
): WireFault {
  const ofResource = named.operation === 'resources/read' || named.operation === 'resources/subscribe';
  if (ofResource && (code === RESOURCE_NOT_FOUND || code === INVALID_PARAMS)) return unknownTarget(id, named, dress);
  const told = codeFor(code, dress);
  const kept = told === INTERNAL_ERROR && code !== INTERNAL_ERROR ? undefined : data;
  return {
    id,
    code: told,
    message,
    ...(kept === undefined || imitatesUs(kept) ? {} : { data: kept }),
    status: told === MISSING_CAPABILITY ? 400 : 200,
  };
}

const OURS = new Set([UNAUTHENTICATED, REFUSED, SESSION_UNKNOWN, PROFILE_UNCLEAR, TOO_MANY_CONNECTIONS]);

const imitatesUs = (data: JsonValue): boolean =>
  isObject(data) && Object.keys(data).some((name) => name.toLowerCase().startsWith('tollgate'));

/**
 * What a server's code means on this hop. -32020 to -32099 are the protocol's own and speak of the hop to the server, but
 * for the two that a client of the right era can act on; ours are ours alone.
 */
function codeFor(code: number, { era, revision }: Dress): number {
  if (OURS.has(code)) return INTERNAL_ERROR;
  if (code === RESOURCE_NOT_FOUND) return era === 'modern' ? INVALID_PARAMS : code;
  if (code === MISSING_CAPABILITY && era === 'modern') return code;
  if (code === URL_ELICITATION_REQUIRED && era === 'legacy' && revision >= '2025-11-25') return code;
  return code <= -32020 && code >= -32099 ? INTERNAL_ERROR : code;
}
