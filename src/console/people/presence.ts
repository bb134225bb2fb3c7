/** Who stands behind a request: the bearer of a token, or the person whose browser has a cookie. */
import { timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { ApiCaller } from '../../domain/person.ts';
import type { Presented } from '../../domain/principal.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { type Problem, UNAUTHENTICATED } from '../problem.ts';
import type { BrowserSession, BrowserSessions } from './browser-sessions.ts';
import { cookieOf, cookiesAt } from './cookies.ts';

export interface PresenceOptions {
  readonly authenticate: (presented: Presented) => Promise<ApiCaller | undefined>;
  readonly browsers: BrowserSessions;
  /** Where browsers find us: scheme, host and port, as they say it in `Origin`. */
  readonly origin: () => string;
}

/** A token counts where there is one; a cookie changes something only from our own page, with the page's token. */
export async function presence(
  request: Request,
  { authenticate, browsers, origin }: PresenceOptions,
): Promise<Result<ApiCaller, Problem>> {
  if (request.headers.authorization !== undefined) {
    const caller = await authenticate({ door: 'http', bearer: bearerOf(request) });
    return caller === undefined ? refuse(UNAUTHENTICATED) : ok(caller);
  }
  const session = signedIn(request, { browsers, origin });
  if (session === undefined) return refuse(UNAUTHENTICATED);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return isRead || isOurPage(request, session, request.get('x-csrf-token'), origin())
    ? ok(session.caller)
    : refuse(FORGED);
}

export function signedIn(
  request: Request,
  { browsers, origin }: Pick<PresenceOptions, 'browsers' | 'origin'>,
): BrowserSession | undefined {
  const cookie = cookieOf(request, cookiesAt(origin()).signedIn);
  if (cookie === undefined) return undefined;
  // What an open page fetches anew by itself keeps nobody signed in.
  return request.headers['hx-request'] === 'true' ? browsers.peek(cookie) : browsers.find(cookie);
}

/** Another page of this machine is same-site with us and comes with the cookie: what it cannot have is our origin and this token. */
export function isOurPage(
  request: Request,
  { csrf }: BrowserSession,
  said: string | undefined,
  origin: string,
): boolean {
  const [given, expected] = [Buffer.from(said ?? ''), Buffer.from(csrf)];
  return request.headers.origin === origin && given.length === expected.length && timingSafeEqual(given, expected);
}

export const FORGED: Problem = {
  status: 403,
  reason: 'csrf',
  detail: "A change over a cookie comes from this gateway's own page, with its X-CSRF-Token",
};

const bearerOf = (request: Request): string | undefined =>
  /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1];
