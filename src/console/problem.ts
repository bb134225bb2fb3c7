/** Problems, as RFC 9457 says them: one shape for everything that is not answered. */
import type { Response } from 'express';

export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 507;
  /** One word for programs. */
  readonly reason: string;
  /** For people, without a full stop. */
  readonly detail: string;
  /** The member of the body, or the parameter, that is wrong. */
  readonly field?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** No `type` means that the title is that of the status (RFC 9457, section 4.2.1). */
const TITLES: Readonly<Record<Problem['status'], string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  507: 'Insufficient Storage',
};

export const PROBLEM_TYPE = 'application/problem+json';

export function sendProblem(response: Response, { status, reason, detail, field, headers = {} }: Problem): void {
  response.status(status).set(headers).type(PROBLEM_TYPE);
  response.send(JSON.stringify({ title: TITLES[status], status, reason, detail, field }));
}

export const UNAUTHENTICATED: Problem = {
  status: 401,
  reason: 'unauthenticated',
  detail:
    'Send the token of the file api-token, or one of the issuer for the API, as Authorization: Bearer; or sign in',
  headers: { 'www-authenticate': 'Bearer realm="tollgate api"' },
};

/** In the same words for a session that is not there and for one that is somebody else's. */
export const SESSION_UNKNOWN: Problem = { status: 404, reason: 'session_unknown', detail: 'Session unknown' };

/** Likewise of holds. */
export const HOLD_UNKNOWN: Problem = { status: 404, reason: 'hold_unknown', detail: 'Hold unknown' };

export const OUTCOME_UNKNOWN: Problem = { status: 404, reason: 'call_unknown', detail: 'Call unknown' };

export const POLICY_UNKNOWN: Problem = { status: 404, reason: 'policy_unknown', detail: 'Policy unknown' };

export const NOT_FOUND: Problem = {
  status: 404,
  reason: 'not_found',
  detail: 'There is nothing here: GET /api says what there is',
};

export const notAllowed = (methods: readonly string[]): Problem => ({
  status: 405,
  reason: 'method_not_allowed',
  detail: `The method is not allowed: use ${methods.join(' or ')}`,
  headers: { allow: methods.join(', ') },
});

export const invalid = (field: string | undefined, detail: string): Problem => ({
  status: 400,
  reason: 'invalid_request',
  detail,
  ...(field !== undefined && { field }),
});

export const FAULT: Problem = { status: 500, reason: 'fault', detail: 'Tollgate cannot do this now' };
