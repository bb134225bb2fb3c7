/** The pages of the console, and the guard before them: a person who is signed in, its rights, and for forms our own page as their origin. */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { Profile } from '../../domain/policy.ts';
import type { Ledger } from '../../domain/ports.ts';
import type { HoldRoutesOptions } from '../hold-routes.ts';
import type { BrowserSession } from '../people/browser-sessions.ts';
import type { PresenceOptions } from '../people/presence.ts';
import { FORGED, isOurPage, signedIn } from '../people/presence.ts';
import type { Problem } from '../problem.ts';
import { mayDo, type Needed } from '../rights.ts';
import { sessionId } from '../shapes.ts';
import { assets } from './assets.ts';
import { holdAnswers } from './hold-answers.ts';
import { holdPage } from './hold-page.ts';
import { inboxPage } from './inbox-page.ts';
import { doorPage, looking, pageOf } from './layout.ts';
import { live } from './live.ts';
import { problemSheet } from './problem-sheet.ts';
import { sessionsPage } from './sessions-page.ts';
import type { Form, Page, Sheet, Visit } from './sheet.ts';

export interface PagesOptions extends Pick<PresenceOptions, 'browsers' | 'origin'>, HoldRoutesOptions {
  readonly ledger: Pick<Ledger, 'approvedBefore' | 'changed' | 'describe' | 'hold' | 'holds' | 'madeCall' | 'sessions'>;
  /** Those in force, by name. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Undefined: only links let in. */
  readonly signIn: object | undefined;
}

const pagesOf = (options: PagesOptions): readonly Page[] => [
  inboxPage(options),
  holdPage(options),
  sessionsPage(options),
];

const formsOf = (options: PagesOptions): readonly Form[] => [...holdAnswers(options)];

/** Bytes that a form may bring. */
const LARGEST_FORM = 16 * 1024;

export function consolePages(app: Express, options: PagesOptions): void {
  assets(app);
  app.get('/live', live(options));
  for (const page of pagesOf(options)) app.get(page.path, looking, shown(page, options));
  const body = express.urlencoded({ extended: false, limit: LARGEST_FORM, inflate: false });
  for (const form of formsOf(options)) app.post(form.path, looking, body, acted(form, options));
}

const shown =
  ({ rights, show }: Page, options: PagesOptions): RequestHandler =>
  async (request, response) => {
    const session = entered(request, response, options);
    if (session === undefined) return;
    const may = mayDo(session.caller, { method: 'get', scope: undefined, rights });
    const visit = visitOf(request, session, options.now());
    send(response, session, may.ok ? await show(visit) : problemSheet(may.error));
  };

const acted =
  ({ rights, act }: Form, options: PagesOptions): RequestHandler =>
  async (request, response) => {
    const session = entered(request, response, options);
    if (session === undefined) return;
    const fields = singles(request.body);
    const stopped = hindrance(request, session, fields['csrf'], { method: 'post', scope: undefined, rights }, options);
    if (stopped !== undefined) return send(response, session, problemSheet(stopped));
    const done = await act(visitOf(request, session, options.now()), fields);
    if (done !== undefined && 'to' in done) return response.redirect(303, `${options.origin()}${done.to}`);
    send(response, session, done);
  };

/** Why a form is not acted upon; undefined where nothing hinders it. */
function hindrance(
  request: Request,
  session: BrowserSession,
  csrf: string | undefined,
  needed: Needed,
  { origin }: PagesOptions,
): Problem | undefined {
  if (!isOurPage(request, session, csrf, origin())) return FORGED;
  const may = mayDo(session.caller, needed);
  return may.ok ? undefined : may.error;
}

function entered(request: Request, response: Response, options: PagesOptions): BrowserSession | undefined {
  const session = signedIn(request, options);
  if (session !== undefined) return session;
  // A page that was open when its person was signed out loads anew, and is the door then.
  response
    .status(401)
    .set('hx-refresh', 'true')
    .send(doorPage('You are not signed in.', options.signIn !== undefined, request.path));
  return undefined;
}

function visitOf(request: Request, { caller, csrf }: BrowserSession, at: number): Visit {
  const named = sessionId.safeParse(request.params['id']);
  return { caller, csrf, id: named.success ? named.data : '', query: singles(request.query), at };
}

/** What was said once; what was said twice was not said. */
const singles = (said: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries((said ?? {}) as Readonly<Record<string, unknown>>).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

function send(response: Response, { caller, csrf }: BrowserSession, sheet: Sheet | undefined): void {
  const { status = 200, ...rest } = sheet ?? problemSheet(NOTHING);
  response.status(status).send(pageOf(rest, caller, csrf));
}

const NOTHING: Problem = { status: 404, reason: 'not_found', detail: 'There is nothing here, or nothing for you' };
