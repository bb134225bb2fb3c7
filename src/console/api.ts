/**
 * The API, below `/api` on the gateway's one port, and the page of people beside it: for people and programs that own sessions, never
 * for agents. A token of the MCP endpoint opens nothing here. No CORS, nothing kept by caches. Host and Origin are judged before.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { Logins } from '../domain/login.ts';
import type { ApiCaller } from '../domain/person.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { parseStrict } from '../wire/strict-json.ts';
import { type ApprovalRoutesOptions, approvalRoutes } from './approval-routes.ts';
import { type ApproverRoutesOptions, approverRoutes } from './approver-routes.ts';
import { type HoldRoutesOptions, holdRoutes } from './hold-routes.ts';
import { type JournalRouteOptions, journalRoute } from './journal-route.ts';
import { withLogins } from './login-pages.ts';
import { openApi } from './open-api.ts';
import { type OutcomeRoutesOptions, outcomeRoutes } from './outcome-routes.ts';
import { page, pagePolicy } from './page.ts';
import { consolePages, type PagesOptions } from './pages/pages.ts';
import { type PasskeyRoutesOptions, passkeyRoutes } from './passkey-routes.ts';
import { BrowserSessions } from './people/browser-sessions.ts';
import { type PeoplePagesOptions, peoplePages } from './people/people-pages.ts';
import { type PresenceOptions, presence } from './people/presence.ts';
import { type PolicyRoutesOptions, policyRoutes } from './policy-routes.ts';
import { FAULT, invalid, NOT_FOUND, notAllowed, type Problem, sendProblem } from './problem.ts';
import { type PushRoutesOptions, pushRoutes } from './push-routes.ts';
import type { ApiRoute } from './route.ts';
import { type SessionRoutesOptions, sessionRoutes } from './session-routes.ts';
import { LARGEST_BODY, sessionId } from './shapes.ts';
import { type SuggestOptions, suggester } from './suggest.ts';

export interface ApiRoutesOptions
  extends SessionRoutesOptions,
    JournalRouteOptions,
    HoldRoutesOptions,
    ApprovalRoutesOptions,
    OutcomeRoutesOptions,
    PolicyRoutesOptions,
    ApproverRoutesOptions,
    PasskeyRoutesOptions,
    PushRoutesOptions {
  readonly ledger: SessionRoutesOptions['ledger'] &
    JournalRouteOptions['ledger'] &
    HoldRoutesOptions['ledger'] &
    OutcomeRoutesOptions['ledger'] &
    PagesOptions['ledger'];
}

export interface ApiOptions extends ApiRoutesOptions, Omit<PeoplePagesOptions, 'browsers'>, SuggestOptions {
  readonly ledger: ApiRoutesOptions['ledger'] & SuggestOptions['ledger'];
  readonly authenticate: PresenceOptions['authenticate'];
  readonly logins: Logins;
  readonly version: string;
  readonly fault: (error: unknown) => void;
}

export const apiRoutes = (options: ApiRoutesOptions): readonly ApiRoute[] => [
  ...sessionRoutes(options),
  journalRoute(options),
  ...holdRoutes(options),
  ...approvalRoutes(options),
  ...outcomeRoutes(options),
  ...policyRoutes(options),
  ...approverRoutes(options),
  ...passkeyRoutes(options),
  ...pushRoutes(options),
];

export function api(options: ApiOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const routes = apiRoutes(options);
  const browsers = new BrowserSessions(options.now);
  const document = openApi(routes, options.version);
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');
  app.set('query parser', 'simple');
  app.use(closed);
  // What the API is, is said to everybody: a browser brings no token.
  app.get('/api/openapi.json', (_, response) => void response.json(document));
  app.get('/api', (_, response) => {
    response.set('content-security-policy', pagePolicy).type('html').send(page(routes, document));
  });
  peoplePages(app, { ...options, browsers });
  consolePages(app, { ...options, browsers, suggest: suggester(options) });
  app.use(authenticated({ ...options, browsers }));
  for (const route of routes) app[route.method](pathOf(route), ...bodyOf(route), answering(route));
  for (const path of new Set(routes.map(pathOf))) app.all(path, refusing(notAllowed(methodsAt(path, routes))));
  app.use(refusing(NOT_FOUND));
  app.use(faulty(options.fault));
  const personAt = async (request: Request): Promise<ApiCaller | undefined> => {
    const caller = await presence(request, { ...options, browsers });
    return caller.ok ? caller.value : undefined;
  };
  return withLogins({ ...options, personAt }, app);
}

/** Headers of every answer: it is for this caller now, and no page of a browser. */
const closed: RequestHandler = (_, response, next) => {
  response.set({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
  });
  next();
};

const authenticated =
  (options: PresenceOptions): RequestHandler =>
  async (request, response, next) => {
    const caller = await presence(request, options);
    if (!caller.ok) return sendProblem(response, caller.error);
    response.locals['caller'] = caller.value;
    next();
  };

const pathOf = ({ path }: ApiRoute): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

const methodsAt = (path: string, routes: readonly ApiRoute[]): readonly string[] =>
  routes.filter((route) => pathOf(route) === path).map(({ method }) => method.toUpperCase());

const refusing =
  (problem: Problem): RequestHandler =>
  (_, response) =>
    sendProblem(response, problem);

/** The body as bytes: what is in it is judged as strictly as what agents send. */
const bodyOf = ({ body }: ApiRoute): readonly RequestHandler[] =>
  body === undefined ? [] : [express.raw({ type: 'application/json', limit: LARGEST_BODY, inflate: false })];

const answering =
  (route: ApiRoute): RequestHandler =>
  async (request, response) => {
    const given = route.body === undefined ? ok(undefined) : jsonIn(request.body);
    if (!given.ok) return sendProblem(response, given.error);
    const [named] = Object.values(request.params);
    // What cannot be the id of anything is that of nothing.
    const id = sessionId.safeParse(named).success ? String(named) : '';
    const caller = response.locals['caller'] as ApiCaller;
    const answered = await route.perform({ caller, id, query: request.query, body: given.value });
    if (!answered.ok) return sendProblem(response, answered.error);
    const { status, body, location } = answered.value;
    if (location !== undefined) response.location(location);
    response.status(status).json(body);
  };

function jsonIn(body: unknown): Result<unknown, Problem> {
  if (!Buffer.isBuffer(body)) return refuse(NOT_JSON);
  if (!isUtf8(body)) return refuse(invalid(undefined, 'The body is not UTF-8'));
  const value = parseStrict(body.toString('utf8'));
  return value.ok ? value : refuse(invalid(undefined, value.error.replace(/^t/, 'T')));
}

const NOT_JSON: Problem = {
  status: 415,
  reason: 'not_json',
  detail: 'Send a JSON object, with Content-Type: application/json and no Content-Encoding',
};

const TOO_LARGE: Problem = {
  status: 413,
  reason: 'too_large',
  detail: `The body is larger than ${LARGEST_BODY / 1024} KiB`,
  headers: { connection: 'close' },
};

/** The library's own refusals, by status; everything else is a fault, whose words are for the operator alone. */
const faulty =
  (fault: (error: unknown) => void): ErrorRequestHandler =>
  (error: unknown, request: Request, response: Response, _next) => {
    const status = (error as { readonly status?: unknown }).status;
    if (status === 413) return sendProblem(response, TOO_LARGE);
    if (status === 415) return sendProblem(response, NOT_JSON);
    // A caller that left in the middle of its body is nobody's fault, and there is nobody to tell.
    if (!request.complete) return void response.destroy();
    if (status === 400) return sendProblem(response, invalid(undefined, 'The request is malformed'));
    fault(error);
    if (response.headersSent) response.destroy();
    else sendProblem(response, FAULT);
  };
