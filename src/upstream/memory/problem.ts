/** Problems, as RFC 9457 says them: one shape for everything that is not answered. */
import type { ServerResponse } from 'node:http';
import { LARGEST_EVENT, MOST_EVENT_BYTES, MOST_EVENTS } from '../../domain/memory.ts';
import type { MemoryRefusal } from '../../stages/memory/own-session.ts';
import type { Closed } from '../doors.ts';

export interface Problem {
  readonly status: number;
  /** One word for programs. */
  readonly reason: string;
  /** For people, without a full stop. */
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** No `type` means that the title is that of the status (RFC 9457 4.2.1). */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  500: 'Internal Server Error',
  507: 'Insufficient Storage',
};

const REFUSED: Readonly<Record<MemoryRefusal['reason'], Omit<Problem, 'reason'>>> = {
  unauthenticated: { status: 401, detail: 'A valid bearer token is required' },
  profile_unclear: { status: 404, detail: 'Session unknown' },
  session_unknown: { status: 404, detail: 'Session unknown' },
  session_paused: { status: 409, detail: 'This session does not run now: it can be read and not written' },
  session_over: { status: 409, detail: 'This session is over: it can be read and not written' },
  session_archived: { status: 410, detail: 'This session is archived' },
  call_unknown: { status: 404, detail: 'This session made no such call' },
  event_too_large: { status: 413, detail: `The content of an event is at most ${LARGEST_EVENT / 1024} KiB of JSON` },
  over_quota: { status: 507, detail: 'What may be kept here is used up: an operator must make room' },
  memory_full: {
    status: 507,
    detail: `A session keeps at most ${MOST_EVENTS} events, and ${MOST_EVENT_BYTES / 1024 / 1024} MiB of them`,
  },
};

export const problemOf = ({ reason }: MemoryRefusal): Problem => ({ reason, ...REFUSED[reason] });

/** What the door says to whoever may not knock. */
export const problemAtDoor = ({ status, message, headers = {} }: Closed): Problem => ({
  status,
  reason: 'refused',
  detail: message,
  headers,
});

export function sendProblem(response: ServerResponse, { status, reason, detail, headers }: Problem): void {
  const text = JSON.stringify({ title: TITLES[status], status, reason, detail });
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
