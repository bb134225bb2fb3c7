/** The routes of sessions: open, list, show, and what people do to them. */
import type { Overdrawn } from '../domain/budget.ts';
import type { ApiCaller } from '../domain/person.ts';
import type { Profile } from '../domain/policy.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { nameOf } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type OverQuota, quotaWords } from '../domain/retention.ts';
import { SESSION_VERBS, type SessionVerb, shownState } from '../domain/session.ts';
import { admits } from '../domain/who.ts';
import { invalid, type Problem, SESSION_UNKNOWN } from './problem.ts';
import { isWithin, maySee, workerOf } from './rights.ts';
import { type Answer, type ApiRoute, route } from './route.ts';
import { summaryOf, wholeOf } from './session-views.ts';
import { changed, creation, listing, reason, sessionPage, sessionWhole } from './shapes.ts';

export interface SessionRoutesOptions {
  readonly ledger: Pick<Ledger, 'create' | 'describe' | 'sessions' | 'change'>;
  /** Exports a session that is over, and erases its contents; refuses with a sentence. */
  readonly archive: (session: string, by: string, why: string) => Promise<Result<unknown, string>>;
  /** Those in force, by name. */
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly now: Now;
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
      const seen = (await ledger.sessions(now())).filter(({ session }) => maySee(caller, session));
      const last = after === undefined ? -1 : seen.findIndex(({ session }) => session.id === after);
      if (after !== undefined && last === -1) return refuse(invalid('after', 'after: Session unknown'));
      const found = seen.slice(last + 1).filter((one) => state === undefined || shownState(one) === state);
      const page = found.slice(0, limit);
      const sessions = page.map((one) => summaryOf(one, profiles.get(one.session.profile)));
      const next = found.length > page.length ? page.at(-1)?.session.id : undefined;
      return ok({ status: 200, body: { sessions, next: next ?? null } });
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

const VERBS = ['pause', 'resume', 'complete', 'archive'] as const satisfies readonly SessionVerb[];

const WORDS: Readonly<Record<(typeof VERBS)[number], string>> = {
  pause: 'From now on no call of the session is made, on any replica.',
  resume: 'A session that was paused goes on.',
  complete: 'The session is over: what runs for it ends, and what waits for a person is void.',
  archive: "A session that is over is exported to the gateway's archive, and its contents are erased.",
};

const verb = (word: (typeof VERBS)[number], options: SessionRoutesOptions): ApiRoute =>
  route(
    {
      name: `${word}Session`,
      method: 'post',
      path: `${ONE}/${word}`,
      says: WORDS[word],
      scope: 'sessions:write',
      rights: [word === 'archive' ? 'archive sessions' : 'change sessions'],
      query: undefined,
      body: reason,
      answer: { status: 200, says: 'It is done.', shape: changed },
      refusals: [400, 403, 404, 409, 413, 415],
    },
    ({ caller, id, body }) => change({ caller, session: id, word, why: body.why }, options),
  );

interface Change {
  readonly caller: ApiCaller;
  readonly session: string;
  readonly word: (typeof VERBS)[number];
  readonly why: string;
}

async function change(
  { caller, session, word, why }: Change,
  { ledger, archive, now }: SessionRoutesOptions,
): Promise<Result<Answer, Problem>> {
  const found = await ledger.describe(session, now());
  if (found === undefined || !isWithin(caller, found.session)) return refuse(SESSION_UNKNOWN);
  const by = nameOf(caller.principal);
  const done =
    word === 'archive' ? await archive(session, by, why) : await ledger.change(session, word, by, why, now());
  if (!done.ok) return refuse({ status: 409, reason: 'not_now', detail: done.error.replace(/\.$/, '') });
  return ok({ status: 200, body: { id: session, state: SESSION_VERBS[word].to } });
}
