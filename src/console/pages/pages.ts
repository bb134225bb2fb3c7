/** The pages of the console, and the guard before them: a person who is signed in, its rights, and for forms our own page as their origin. */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { Ledger } from '../../domain/ports.ts';
import type { HoldRoutesOptions } from '../hold-routes.ts';
import type { OutcomeRoutesOptions } from '../outcome-routes.ts';
import type { BrowserSession } from '../people/browser-sessions.ts';
import type { PresenceOptions } from '../people/presence.ts';
import { FORGED, isOurPage, originOf, signedIn } from '../people/presence.ts';
import type { PolicyRoutesOptions } from '../policy-routes.ts';
import type { Problem } from '../problem.ts';
import { mayDo, type Needed } from '../rights.ts';
import { sessionId } from '../shapes.ts';
import { assets } from './assets.ts';
import { holdAnswers } from './hold-answers.ts';
import { holdPage } from './hold-page.ts';
import { inboxPage } from './inbox-page.ts';
import { doorPage, looking, pageOf } from './layout.ts';
import { live } from './live.ts';
import { outcomeForm, outcomePage } from './outcome-page.ts';
import { type PasskeysPageOptions, passkeyRemoval, passkeysPage } from './passkeys-page.ts';
import { policiesPage } from './policies-page.ts';
import { policyForm, policyPage } from './policy-page.ts';
import { problemSheet } from './problem-sheet.ts';
import { type RulePageOptions, rulePage } from './rule-page.ts';
import { type SessionPageOptions, sessionForms, sessionPage } from './session-page.ts';
import { sessionsPage } from './sessions-page.ts';
import type { Form, Page, Sheet, Visit } from './sheet.ts';
import { statisticsPage } from './statistics-page.ts';

export interface PagesOptions
  extends Pick<PresenceOptions, 'browsers' | 'origin'>,
    HoldRoutesOptions,
    OutcomeRoutesOptions,
    PasskeysPageOptions,
    PolicyRoutesOptions,
    SessionPageOptions,
    RulePageOptions {
  readonly ledger: SessionPageOptions['ledger'] &
    OutcomeRoutesOptions['ledger'] &
    Pick<Ledger, 'approvedBefore' | 'changed' | 'describe' | 'hold' | 'holds' | 'madeCall'>;
  /** Undefined: only links let in. */
  readonly signIn: object | undefined;
}

const pagesOf = (options: PagesOptions): readonly Page[] => [
  inboxPage(options),
  holdPage(options),
  outcomePage(options),
  policiesPage(options),
  policyPage(options),
  sessionsPage(options),
  sessionPage(options),
  statisticsPage(options),
  rulePage(options),
  passkeysPage(options),
];

const formsOf = (options: PagesOptions): readonly Form[] => [
  ...holdAnswers(options),
  ...sessionForms(options),
  passkeyRemoval(options),
  outcomeForm(options),
  policyForm(options),
];

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
  ({ rights, byProof, act }: Form, options: PagesOptions): RequestHandler =>
  async (request, response) => {
    const session = entered(request, response, options);
    if (session === undefined) return;
    const fields = singles(request.body);
    const needed: Needed = { method: 'post', scope: undefined, rights, byProof };
    const stopped = hindrance(request, session, fields['csrf'], needed, options);
    if (stopped !== undefined) return send(response, session, problemSheet(stopped));
    const done = await act(visitOf(request, session, options.now()), fields);
    if (done !== undefined && 'to' in done)
      return response.redirect(303, `${originOf(request, options.origin())}${done.to}`);
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
