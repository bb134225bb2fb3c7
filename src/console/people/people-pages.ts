/** How people come in at a browser, and leave: the login and its end, a link. Host and Origin are judged before. */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { ApiCaller, SignIn } from '../../domain/person.ts';
import type { Now } from '../../domain/ports.ts';
import { doorPage, looking } from '../pages/layout.ts';
import { sendProblem } from '../problem.ts';
import type { BrowserSessions } from './browser-sessions.ts';
import { clearCookie, cookieOf, cookiesAt, setCookie } from './cookies.ts';
import type { Links } from './links.ts';
import { FORGED, isOurPage, originOf, signedIn } from './presence.ts';
import { rarely } from './rarely.ts';

export interface PeoplePagesOptions {
  readonly browsers: BrowserSessions;
  readonly links: Links;
  /** Undefined: only links let in. */
  readonly signIn: SignIn | undefined;
  /** Who comes by a link. */
  readonly local: ApiCaller;
  readonly origin: () => string;
  readonly now: Now;
  readonly report: (line: string) => void;
}

const BACK = '/sign-in/callback';

export function peoplePages(app: Express, given: PeoplePagesOptions): void {
  const options = { ...given, report: rarely(given.report, given.now) };
  app.get('/sign-in', looking, login(options));
  app.get(BACK, looking, callback(options));
  app.post('/sign-out', express.urlencoded({ extended: false, limit: 1024, inflate: false }), logout(options));
  app.get('/open/:code', looking, open(options));
}

const login =
  ({ signIn, browsers, origin, report }: PeoplePagesOptions): RequestHandler =>
  async (request, response) => {
    if (signIn === undefined)
      return void response.status(404).send(doorPage('No issuer is set for people to sign in at.', false));
    // The issuer sends the browser back to one address: a cookie of another name for this machine would not come along.
    if (request.headers.host !== new URL(origin()).host)
      return response.redirect(303, `${origin()}/sign-in?to=${pageNamed(request.query['to'])}`);
    const begun = await signIn.begin(`${origin()}${BACK}`);
    if (!begun.ok) return notSignedIn(response, report, begun.error, 503);
    const to = pageNamed(request.query['to']);
    setCookie(response, cookiesAt(origin()).underWay, browsers.begin({ ...begun.value.underWay, to }));
    response.redirect(303, begun.value.url);
  };

const callback =
  ({ signIn, browsers, origin, report }: PeoplePagesOptions): RequestHandler =>
  async (request, response) => {
    const cookies = cookiesAt(origin());
    const cookie = cookieOf(request, cookies.underWay);
    clearCookie(response, cookies.underWay);
    const underWay = cookie === undefined ? undefined : browsers.resume(cookie);
    if (signIn === undefined || underWay === undefined)
      return notSignedIn(response, report, 'no login of this browser is under way', 400);
    const who = await signIn.finish(new URL(request.originalUrl, origin()), underWay);
    if (!who.ok) return notSignedIn(response, report, who.error, 403);
    enter(request, response, who.value, { browsers, origin }, underWay.to);
  };

/** A page of ours and nothing else: whoever sends a link with another gets the inbox. */
const pageNamed = (to: unknown): string =>
  typeof to === 'string' && /^\/(?:[a-z]+(?:\/[A-Za-z0-9_-]{1,128})?)?$/.test(to) ? to : '/';

/** A new id, whatever cookie the browser came with. */
function enter(
  request: Request,
  response: Response,
  caller: ApiCaller,
  { browsers, origin }: Pick<PeoplePagesOptions, 'browsers' | 'origin'>,
  to = '/',
): void {
  const { signedIn: name } = cookiesAt(origin());
  setCookie(response, name, browsers.open(caller, cookieOf(request, name)));
  response.redirect(303, `${originOf(request, origin())}${to}`);
}

/** The browser reads coarse words, the operator the reason. */
function notSignedIn(response: Response, report: (line: string) => void, why: string, status: number): void {
  report(`a login was refused: ${why}`);
  response.status(status).send(doorPage('You could not be signed in.', true));
}

const logout =
  ({ browsers, origin }: PeoplePagesOptions): RequestHandler =>
  (request, response) => {
    const session = signedIn(request, { browsers, origin });
    const { csrf } = (request.body ?? {}) as { readonly csrf?: unknown };
    if (session !== undefined && !isOurPage(request, session, String(csrf), origin()))
      return sendProblem(response, FORGED);
    const { signedIn: name } = cookiesAt(origin());
    const cookie = cookieOf(request, name);
    if (cookie !== undefined) browsers.end(cookie);
    clearCookie(response, name);
    response.redirect(303, `${originOf(request, origin())}/`);
  };

const open =
  ({ links, local, browsers, origin }: PeoplePagesOptions): RequestHandler =>
  (request, response) => {
    if (!links.follow(String(request.params['code'])))
      return void response.status(403).send(doorPage('This link was used already, or is too old.', false));
    enter(request, response, local, { browsers, origin });
  };
