/**
 * `/live`: tells an open page that something changed, and never what: the page fetches anew, as whoever it is then. Server-sent events,
 * one stream a page, bounded, over with the browser's session. On any replica: the ledger wakes all of them.
 */
import { setTimeout } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { ApiCaller } from '../../domain/person.ts';
import type { Changing, Ledger, Now } from '../../domain/ports.ts';
import { mayBy } from '../../domain/role.ts';
import { reaches } from '../hold-routes.ts';
import type { BrowserSession } from '../people/browser-sessions.ts';
import { type PresenceOptions, signedIn } from '../people/presence.ts';
import { HOLD_UNKNOWN, NOT_FOUND, type Problem, sendProblem, UNAUTHENTICATED } from '../problem.ts';
import { maySee } from '../rights.ts';
import { sessionId } from '../shapes.ts';

interface LiveOptions extends Pick<PresenceOptions, 'browsers' | 'origin'> {
  readonly ledger: Pick<Ledger, 'changed' | 'describe' | 'hold' | 'records'>;
  readonly now: Now;
}

/** Open streams: of one browser's session, and of all. */
const MOST_EACH = 12;
const MOST = 1000;
/** What one page may listen to. */
const MOST_TOPICS = 4;
/** Milliseconds: news come no faster, and a stream says at least so often that it is there. */
const NEWS_EVERY = 250;
const BEAT = 15_000;
/** Milliseconds: a session's calls wake nobody, who would cost them time, so its journal is looked at while somebody watches. */
const LOOK_EVERY = 1000;

export function live(options: LiveOptions): RequestHandler {
  const open = new Map<BrowserSession, number>();
  let all = 0;
  const counted = (session: BrowserSession, by: 1 | -1): void => {
    all += by;
    const own = (open.get(session) ?? 0) + by;
    if (own === 0) open.delete(session);
    else open.set(session, own);
  };
  return async (request, response) => {
    const session = signedIn(request, options);
    if (session === undefined) return sendProblem(response, UNAUTHENTICATED);
    const { 'sec-fetch-site': from = 'same-origin' } = request.headers;
    if (from !== 'same-origin') return sendProblem(response, ELSEWHERE);
    const topics = await topicsOf(request, session.caller, options);
    if (topics === undefined) return sendProblem(response, HOLD_UNKNOWN);
    if (topics.length === 0) return sendProblem(response, NOT_FOUND);
    if (all >= MOST || (open.get(session) ?? 0) >= MOST_EACH) return sendProblem(response, TOO_MANY);
    counted(session, 1);
    try {
      await tell(response, topics, session, options);
    } finally {
      counted(session, -1);
    }
  };
}

const ELSEWHERE: Problem = { status: 403, reason: 'origin', detail: "Only this gateway's own pages listen here" };
const TOO_MANY: Problem = { status: 429, reason: 'too_many', detail: 'Too many pages are open: close some' };

/** Undefined where one is not for this person, or not there: the same. */
async function topicsOf(
  { query }: Request,
  caller: ApiCaller,
  { ledger, now }: LiveOptions,
): Promise<readonly Changing[] | undefined> {
  const said = [query['of'] ?? []].flat();
  if (said.length > MOST_TOPICS) return undefined;
  const topics: Changing[] = [];
  for (const one of said) {
    const topic = await topicOf(String(one), caller, ledger, now());
    if (topic === undefined) return undefined;
    topics.push(topic);
  }
  return topics;
}

/** Of a hold also what becomes of the calls that use it; of a session also what its journal gains. */
async function changeOf(topic: Changing, ledger: LiveOptions['ledger'], until: AbortSignal): Promise<void> {
  const change = ledger.changed(topic, until);
  const [kind, id = ''] = topic.split(':');
  if (kind === 'session') return Promise.race([change, growthOf(id, ledger, until)]);
  if (kind !== 'hold') return change;
  const hold = await ledger.hold(id, 0);
  const calls = hold?.usedBy ?? [];
  return Promise.race([change, ...calls.map((call) => ledger.changed(`call:${call}`, until))]);
}

async function growthOf(session: string, { records }: LiveOptions['ledger'], until: AbortSignal): Promise<void> {
  const length = async (): Promise<number> =>
    (await records.entries({ session, before: undefined, limit: 1 })).at(-1)?.seq ?? 0;
  const before = await length();
  do await setTimeout(LOOK_EVERY, undefined, { signal: until }).catch(() => undefined);
  while (!until.aborted && (await length()) === before);
}

async function topicOf(
  said: string,
  caller: ApiCaller,
  ledger: LiveOptions['ledger'],
  at: number,
): Promise<Changing | undefined> {
  const roles = caller.person?.roles ?? [];
  if (said === 'sessions' || said === 'stops') return said;
  if (said === 'holds') return mayBy(roles, 'see holds') ? said : undefined;
  if (said === 'outcomes') return mayBy(roles, 'see outcomes') ? said : undefined;
  const [, kind, id] = /^(hold|session):(.+)$/.exec(said) ?? [];
  const named = sessionId.safeParse(id);
  if (!named.success) return undefined;
  if (kind === 'session') {
    const found = await ledger.describe(named.data, at);
    return found !== undefined && maySee(caller, found.session) ? `session:${named.data}` : undefined;
  }
  const hold = mayBy(roles, 'see holds') ? await ledger.hold(named.data, at) : undefined;
  return hold !== undefined && reaches(caller, hold) ? `hold:${hold.id}` : undefined;
}

/** Until the page is left, or its person signed out. */
async function tell(
  response: Response,
  topics: readonly Changing[],
  { over }: BrowserSession,
  { ledger }: LiveOptions,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  const ended = AbortSignal.any([left.signal, over]);
  response.status(200).set({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }).flushHeaders();
  const beat = setInterval(() => response.write(':\n\n'), BEAT);
  try {
    while (!ended.aborted) {
      const round = new AbortController();
      const until = AbortSignal.any([ended, round.signal]);
      const change = Promise.race(topics.map((topic) => changeOf(topic, ledger, until)));
      // The first at once: what happened since the page was made is not missed.
      response.write('event: news\ndata:\n\n');
      await change;
      round.abort();
      await setTimeout(NEWS_EVERY, undefined, { signal: ended }).catch(() => undefined);
    }
  } finally {
    clearInterval(beat);
    response.end();
  }
}
