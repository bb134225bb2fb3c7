/** The routes of sessions: open, list, show, and what people do to them. */
import type { Overdrawn } from '../domain/budget.ts';
import type { Profile } from '../domain/policy.ts';
import type { Ledger } from '../domain/ports.ts';
import { nameOf } from '../domain/principal.ts';
import { ok, refuse } from '../domain/result.ts';
import { type OverQuota, quotaWords } from '../domain/retention.ts';
import { admits } from '../domain/who.ts';
import { type ChangeOptions, changeSession, rightFor, VERB_WORDS, VERBS, type Verb } from './change-session.ts';
import { invalid, type Problem, SESSION_UNKNOWN } from './problem.ts';
import { maySee, workerOf } from './rights.ts';
import { type ApiRoute, route } from './route.ts';
import { seenSessions } from './seen-sessions.ts';
import { summaryOf, wholeOf } from './session-views.ts';
import { changed, creation, listing, reason, sessionPage, sessionWhole } from './shapes.ts';

export interface SessionRoutesOptions extends ChangeOptions {
  readonly ledger: Pick<Ledger, 'create' | 'describe' | 'records' | 'change'>;
  /** Those in force, by name. */
  readonly profiles: ReadonlyMap<string, Profile>;
}

const SESSIONS = '/api/sessions';
const ONE = `${SESSIONS}/{session}`;

export const sessionRoutes = (options: SessionRoutesOptions): readonly ApiRoute[] => [
  create(options),
  list(options),
  show(options),
  ...VERBS.map((one) => verb(one, options)),
];

const create = ({ ledger, profiles, now }: SessionRoutesOptions): ApiRoute =>
  route(
    {
      name: 'createSession',
      method: 'post',
      path: SESSIONS,
      says: 'Opens a session of its own, which is found by its id alone.',
      scope: 'sessions:create',
      rights: ['open sessions'],
      query: undefined,
      body: creation,
      answer: { status: 201, says: 'It is open, and Location is where it is shown.', shape: sessionWhole },
      refusals: [400, 403, 409, 413, 415, 507],
    },
    async ({ caller, body }) => {
      const worker = workerOf(caller, body.principal);
      if (!worker.ok) return worker;
      const profile = profiles.get(body.profile);
      // In the same words for a profile that there is not and for one that does not let this principal in.
      if (profile === undefined || !admits(profile.who, worker.value))
        return refuse(invalid('profile', 'profile: none of this name lets this principal in'));
      const { task, instructions, model, route: way } = body;
      const { principal } = worker.value;
      const opened = await ledger.create({
        principal,
        profile: profile.name,
        folder: undefined,
        description: { task, instructions, model, route: way },
        mostSessions: profile.mostSessions,
        by: nameOf(caller.principal),
        at: now(),
      });
      if (!opened.ok) return refuse(notOpened(opened.error, nameOf(principal)));
      const { id } = opened.value.session;
      const described = await ledger.describe(id, now());
      if (described === undefined) return refuse(SESSION_UNKNOWN);
      return ok({ status: 201, body: wholeOf(described, profile), location: `${SESSIONS}/${id}` });
    },
  );

function notOpened(error: Overdrawn | OverQuota, principal: string): Problem {
  if ('quota' in error) return { status: 507, reason: 'over_quota', detail: quotaWords(error) };
  const detail = `${principal} has ${error.used} of ${error.cap} live sessions under this profile`;
  return { status: 409, reason: 'over_budget', detail };
}

const list = ({ ledger, profiles, now }: SessionRoutesOptions): ApiRoute =>
  route(
    {
      name: 'listSessions',
      method: 'get',
      path: SESSIONS,
      says: 'The sessions that the caller may see: its own; with a role or sessions:read those of its tenant.',
      scope: undefined,
      rights: [],
      query: listing,
      body: undefined,
      answer: { status: 200, says: 'A page of sessions.', shape: sessionPage },
      refusals: [400],
    },
    async ({ caller, query }) => {
      const { state, after, limit } = query;
      const page = await seenSessions(caller, { state, after, limit }, { ledger, now });
      if (page === undefined) return refuse(invalid('after', 'after: Session unknown'));
      const sessions = page.sessions.map((one) => summaryOf(one, profiles.get(one.session.profile)));
      return ok({ status: 200, body: { sessions, next: page.more ? (sessions.at(-1)?.id ?? null) : null } });
    },
  );

const show = ({ ledger, profiles, now }: SessionRoutesOptions): ApiRoute =>
  route(
    {
      name: 'showSession',
      method: 'get',
      path: ONE,
      says: 'One session that the caller may see, and what it is for.',
      scope: undefined,
      rights: [],
      query: undefined,
      body: undefined,
      answer: { status: 200, says: 'The session.', shape: sessionWhole },
      refusals: [404],
    },
    async ({ caller, id }) => {
      const found = await ledger.describe(id, now());
      if (found === undefined || !maySee(caller, found.session)) return refuse(SESSION_UNKNOWN);
      return ok({ status: 200, body: wholeOf(found, profiles.get(found.session.profile)) });
    },
  );

const verb = (word: Verb, options: SessionRoutesOptions): ApiRoute =>
  route(
    {
      name: `${word}Session`,
      method: 'post',
      path: `${ONE}/${word}`,
      says: VERB_WORDS[word],
      scope: 'sessions:write',
      rights: [rightFor(word)],
      query: undefined,
      body: reason,
      answer: { status: 200, says: 'It is done.', shape: changed },
      refusals: [400, 403, 404, 409, 413, 415],
    },
    async ({ caller, id, body }) => {
      const done = await changeSession({ caller, session: id, verb: word, why: body.why }, options);
      return done.ok ? ok({ status: 200, body: { id, state: done.value } }) : done;
    },
  );
