/** What people do to a session, over the API and on its page. */
import type { ApiCaller } from '../domain/person.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { nameOf } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Right } from '../domain/role.ts';
import { SESSION_VERBS, type SessionState, type SessionVerb } from '../domain/session.ts';
import { type Problem, SESSION_UNKNOWN } from './problem.ts';
import { isWithin } from './rights.ts';

export const VERBS = ['pause', 'resume', 'complete', 'archive'] as const satisfies readonly SessionVerb[];
export type Verb = (typeof VERBS)[number];

export const VERB_WORDS: Readonly<Record<Verb, string>> = {
  pause: 'From now on no call of the session is made, on any replica.',
  resume: 'A session that was paused goes on.',
  complete: 'The session is over: what runs for it ends, and what waits for a person is void.',
  archive: "A session that is over is exported to the gateway's archive, and its contents are erased.",
};

export const rightFor = (verb: Verb): Right => (verb === 'archive' ? 'archive sessions' : 'change sessions');

export interface ChangeOptions {
  readonly ledger: Pick<Ledger, 'describe' | 'change'>;
  /** Exports a session that is over, and erases its contents; refuses with a sentence. */
  readonly archive: (session: string, by: string, why: string) => Promise<Result<unknown, string>>;
  readonly now: Now;
}

interface Change {
  readonly caller: ApiCaller;
  readonly session: string;
  readonly verb: Verb;
  readonly why: string;
}

/** Of a caller who may: `mayDo` was asked before. Answers the state that it leads to. */
export async function changeSession(
  { caller, session, verb, why }: Change,
  { ledger, archive, now }: ChangeOptions,
): Promise<Result<SessionState, Problem>> {
  const found = await ledger.describe(session, now());
  if (found === undefined || !isWithin(caller, found.session)) return refuse(SESSION_UNKNOWN);
  const by = nameOf(caller.principal);
  const done =
    verb === 'archive' ? await archive(session, by, why) : await ledger.change(session, verb, by, why, now());
  if (!done.ok) return refuse({ status: 409, reason: 'not_now', detail: done.error.replace(/\.$/, '') });
  return ok(SESSION_VERBS[verb].to);
}
