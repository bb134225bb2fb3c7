/** The routes of holds: people look at what waits, and answer it with a passphrase, which signs. A login alone answers nothing. */
import { extensionProblem, kindsAsked } from '../domain/extension.ts';
import type { Decision, Hold } from '../domain/hold.ts';
import { type AnswerHold, type ApiCaller, asksItself } from '../domain/person.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type ClientOwners, mayBy, type Right } from '../domain/role.ts';
import { readExtension } from '../policy/file/extension.ts';
import { approval, denial, type HoldShown, holdListing, holdPage, hold as holdShape } from './hold-shapes.ts';
import { notAnswered } from './not-answered.ts';
import { HOLD_UNKNOWN, invalid, type Problem } from './problem.ts';
import { isWithin, notBy } from './rights.ts';
import { type Answer, type ApiRoute, route } from './route.ts';

export interface HoldRoutesOptions {
  readonly ledger: Pick<Ledger, 'hold' | 'holds'>;
  readonly owners: readonly ClientOwners[];
  readonly answer: AnswerHold;
  readonly now: Now;
}

const HOLDS = '/api/holds';
const ONE = `${HOLDS}/{hold}`;

export const holdRoutes = (options: HoldRoutesOptions): readonly ApiRoute[] => [
  list(options),
  show(options),
  route(
    {
      name: 'approveHold',
      method: 'post',
      path: `${ONE}/approve`,
      says: 'Lets this exact call run once. It runs nothing by itself: the agent calls again or continues.',
      scope: undefined,
      rights: ANSWERING,
      query: undefined,
      body: approval,
      answer: { status: 200, says: 'It is approved.', shape: holdShape },
      refusals: ANSWER_REFUSALS,
    },
    ({ caller, id, body: { passphrase, because, extend = [] } }) =>
      answered({ caller, id, passphrase, because, extend, verdict: 'approve' }, options),
  ),
  route(
    {
      name: 'denyHold',
      method: 'post',
      path: `${ONE}/deny`,
      says: 'Refuses this exact call for the rest of the session.',
      scope: undefined,
      rights: ANSWERING,
      query: undefined,
      body: denial,
      answer: { status: 200, says: 'It is denied.', shape: holdShape },
      refusals: ANSWER_REFUSALS,
    },
    ({ caller, id, body: { passphrase, because } }) =>
      answered({ caller, id, passphrase, because, extend: [], verdict: 'deny' }, options),
  ),
];

const ANSWERING: readonly Right[] = ['answer holds', 'extend budgets'];
const ANSWER_REFUSALS = [400, 403, 404, 409, 413, 415, 429] as const;

const list = ({ ledger, now }: HoldRoutesOptions): ApiRoute =>
  route(
    {
      name: 'listHolds',
      method: 'get',
      path: HOLDS,
      says: 'The calls of the tenant that wait for a person.',
      scope: undefined,
      rights: ['see holds'],
      query: holdListing,
      body: undefined,
      answer: { status: 200, says: 'The holds.', shape: holdPage },
      refusals: [400, 403],
    },
    async ({ caller, query: { state, limit } }) => {
      const holds = (await ledger.holds({ open: state === 'open' }, now())).filter((one) => reaches(caller, one));
      return ok({ status: 200, body: { holds: holds.slice(0, limit).map(shownHold) } });
    },
  );

const show = ({ ledger, now }: HoldRoutesOptions): ApiRoute =>
  route(
    {
      name: 'showHold',
      method: 'get',
      path: ONE,
      says: 'One of them, with the exact arguments.',
      scope: undefined,
      rights: ['see holds'],
      query: undefined,
      body: undefined,
      answer: { status: 200, says: 'The hold.', shape: holdShape },
      refusals: [403, 404],
    },
    async ({ caller, id }) => {
      const hold = await ledger.hold(id, now());
      if (hold === undefined || !reaches(caller, hold)) return refuse(HOLD_UNKNOWN);
      return ok({ status: 200, body: shownHold(hold) });
    },
  );

/** What is of another tenant is not there. */
export const reaches = (caller: ApiCaller, { session, principal }: Hold): boolean =>
  isWithin(caller, { id: session, principal });

interface Given {
  readonly caller: ApiCaller;
  readonly id: string;
  readonly verdict: Decision['verdict'];
  readonly passphrase: string;
  readonly because: string | undefined;
  readonly extend: readonly string[];
}

/** The passphrase is tried last: who may not answer this one learns nothing about it. */
async function answered(
  { caller, id, verdict, passphrase, because, extend }: Given,
  { ledger, owners, answer, now }: HoldRoutesOptions,
): Promise<Result<Answer, Problem>> {
  const hold = await ledger.hold(id, now());
  if (hold === undefined || !reaches(caller, hold)) return refuse(HOLD_UNKNOWN);
  const missing = rightsFor(hold).filter((right) => !mayBy(caller.person?.roles ?? [], right));
  if (missing.length > 0) return refuse(notBy(missing));
  if (asksItself(caller, hold.principal, owners)) return refuse(ASKER);
  if (hold.state !== 'open')
    return refuse({ status: 409, reason: 'not_now', detail: `The hold is ${hold.state} and waits for nobody` });
  const amounts = readExtension(extend, kindsAsked(hold));
  if (!amounts.ok) return refuse(invalid('extend', amounts.error.replace(/\.$/, '')));
  const problem = extensionProblem(hold, { verdict, extend: amounts.value });
  if (problem !== undefined) return refuse(invalid('extend', problem.replace(/\.$/, '')));
  const known = caller.principal;
  const done = await answer({ known, hold, passphrase, verdict, because, extend: amounts.value });
  return done.ok ? ok({ status: 200, body: shownHold(done.value) }) : refuse(notAnswered(done.error));
}

/** A budget is the operator's to extend, everything else the approver's to answer; a hold may ask for both. */
const rightsFor = ({ needs }: Hold): readonly Right[] => [
  ...new Set(needs.map(({ kind }): Right => (kind === 'budget' ? 'extend budgets' : 'answer holds'))),
];

const ASKER: Problem = { status: 403, reason: 'asker', detail: 'Who asks for a call does not answer it' };

const time = (at: number): string => new Date(at).toISOString();

const shownHold = (hold: Hold): HoldShown => ({
  id: hold.id,
  state: hold.state,
  session: hold.session,
  target: hold.target,
  effect: hold.effect,
  arguments: hold.effective,
  agent_reason: hold.agentReason ?? null,
  needs: hold.needs.map(({ kind, rule, reason = null }) => ({ kind, rule, reason })),
  principal: { ...hold.principal, actors: [...hold.principal.actors] },
  placed_at: time(hold.placedAt),
  expires_at: time(hold.expiresAt),
  decisions: hold.decisions.map(shownDecision),
});

const shownDecision = ({ verdict, by, at, because }: Decision): HoldShown['decisions'][number] => ({
  verdict,
  by,
  at: time(at),
  because: because ?? null,
});
