/**
 * A person's login at a server's authorization server, as their browser sees it: our link, which sends them there, and the
 * page that they come back to. No script, nothing from elsewhere, no word of anybody else's on the page.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { CALLBACK_PATH, CLIENT_PATH, LOGIN_PATH, type Logins, type LoginTrouble } from '../domain/login.ts';
import type { Caller } from '../domain/principal.ts';
import { cookieOf } from './people/cookies.ts';

type Pages = (request: IncomingMessage, response: ServerResponse) => void;

export interface LoginPagesOptions {
  readonly logins: Logins;
  /** Who is signed in at this browser; undefined where nobody is. */
  readonly personAt: (request: Request) => Promise<Caller | undefined>;
  readonly fault: (error: unknown) => void;
}

const IS_LOGIN = new RegExp(`^(?:${LOGIN_PATH}|${CALLBACK_PATH}(?:\\?|$)|${CLIENT_PATH.replaceAll('.', '\\.')}$)`);

/** The pages of logins, and `others` for everything else. */
export function withLogins(options: LoginPagesOptions, others: Pages): Pages {
  const pages = loginPages(options);
  return (request, response) => (IS_LOGIN.test(request.url ?? '') ? pages : others)(request, response);
}

function loginPages({ logins, personAt, fault }: LoginPagesOptions): Pages {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');
  app.set('query parser', 'simple');
  app.use(closed);
  app.get(CLIENT_PATH, (_, response) => {
    const document = logins.clientDocument();
    if (document === undefined) say(response, 404, 'There is nothing here.');
    else response.json(document);
  });
  app.get(`${LOGIN_PATH}:id`, async (request, response) => {
    const started = await logins.start(String(request.params['id']), await personAt(request));
    if (!started.ok) return refuse(response, started.error);
    const { location, cookie } = started.value;
    // Lax: the way back is a link from elsewhere. `__Host-` wants the whole site as its path.
    const secure = cookie.name.startsWith('__Host-');
    response.cookie(cookie.name, cookie.value, { httpOnly: true, sameSite: 'lax', path: '/', secure, maxAge: LIVES });
    response.redirect(303, location);
  });
  app.get(CALLBACK_PATH, async (request, response) => {
    const answer = new URL(request.originalUrl, 'http://localhost').searchParams;
    const brought = (name: string) => cookieOf(request, name);
    const finished = await logins.finish(answer, brought, await personAt(request));
    if (!finished.ok) return refuse(response, finished.error);
    say(response, 200, `You are logged in to ${finished.value}. Close this page, and tell the agent to go on.`);
  });
  app.use((_, response) => say(response, 405, 'This page is opened with a browser.'));
  app.use(faulty(fault));
  return app;
}

/** As long as a login may take, in milliseconds. */
const LIVES = 10 * 60_000;

const closed: RequestHandler = (_, response, next) => {
  response.set({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
  });
  next();
};

const WORDS: Readonly<Record<LoginTrouble, { readonly status: number; readonly says: string }>> = {
  unknown: {
    status: 404,
    says: 'This link was used, has expired, or is not of this browser. Tell the agent to call again: it gives a new one.',
  },
  somebody_else: {
    status: 403,
    says: 'This login is for somebody else, or it cannot be seen here who you are. Sign in as the one whose agent asked, then open the link.',
  },
  failed: {
    status: 502,
    says: 'The login failed. The output of Tollgate says why. Tell the agent to call again: it gives a new link.',
  },
};

const refuse = (response: Response, trouble: LoginTrouble): void =>
  say(response, WORDS[trouble].status, WORDS[trouble].says);

/** Names of servers have no character that means something to HTML. */
function say(response: Response, status: number, words: string): void {
  const page = `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Tollgate</title><h1>Tollgate</h1><p>${words}</p></html>\n`;
  response.status(status).type('html').send(page);
}

const faulty =
  (fault: (error: unknown) => void): ErrorRequestHandler =>
  (error: unknown, _request, response: Response, _next) => {
    fault(error);
    if (response.headersSent) response.destroy();
    else say(response, 500, 'Tollgate cannot work now.');
  };
