/** The routes of holds: people look at what waits, and answer it with a passphrase, a passkey or both. A login alone answers nothing. */
import { answererOf, groupsSigned, notApprover, rightsAsked } from '../domain/agreement.ts';
import { extensionProblem, kindsAsked } from '../domain/extension.ts';
import type { GivenProof } from '../domain/given-proof.ts';
import type { Decision, Hold } from '../domain/hold.ts';
import { type AnswerHold, type ApiCaller, asksItself } from '../domain/person.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type ClientOwners, mayBy, type Right } from '../domain/role.ts';
import type { Terms } from '../domain/terms.ts';
import { namedWords } from '../domain/terms-words.ts';
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
export const ONE_HOLD = `${HOLDS}/{hold}`;

export const holdRoutes = (options: HoldRoutesOptions): readonly ApiRoute[] => [
  list(options),
  show(options),
  route(
    {
      name: 'approveHold',
      method: 'post',
      path: `${ONE_HOLD}/approve`,
      says: 'Lets this exact call run once. It runs nothing by itself: the agent calls again or continues.',
      scope: undefined,
      rights: ANSWERING,
      byProof: true,
      query: undefined,
      body: approval,
      answer: { status: 200, says: 'It is approved.', shape: holdShape },
      refusals: ANSWER_REFUSALS,
    },
    async ({ caller, id, body: { extend = [], because, ...proof } }) =>
      shown(await answered({ caller, id, ...proof, because, extend, verdict: 'approve' }, options)),
  ),
  route(
    {
      name: 'denyHold',
      method: 'post',
      path: `${ONE_HOLD}/deny`,
      says: 'Refuses this exact call for the rest of the session.',
      scope: undefined,
      rights: ANSWERING,
      byProof: true,
      query: undefined,
      body: denial,
      answer: { status: 200, says: 'It is denied.', shape: holdShape },
      refusals: ANSWER_REFUSALS,
    },
    async ({ caller, id, body }) =>
      shown(await answered({ caller, id, ...body, extend: [], verdict: 'deny' }, options)),
  ),
];

const shown = (hold: Result<Hold, Problem>): Result<Answer, Problem> =>
  hold.ok ? ok({ status: 200, body: shownHold(hold.value) }) : hold;

export const ANSWERING: readonly Right[] = ['answer holds', 'extend budgets'];
export const ANSWER_REFUSALS = [400, 403, 404, 409, 413, 415, 429] as const;

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
      path: ONE_HOLD,
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

interface Given extends Said, GivenProof {}

export interface Said {
  readonly caller: ApiCaller;
  readonly id: string;
  readonly verdict: Decision['verdict'];
  readonly because: string | undefined;
  readonly extend: readonly string[];
}

/** The proof is tried last: who may not answer this one learns nothing about it. */
export async function answered(
  { passphrase, passkey, ...said }: Given,
  options: HoldRoutesOptions,
): Promise<Result<Hold, Problem>> {
  const judged = await judgedAnswer(said, options);
  if (!judged.ok) return judged;
  const done = await options.answer({ ...judged.value, passphrase, passkey });
  return done.ok ? done : refuse(notAnswered(done.error));
}

/** An answer that this person may give to this hold, if it is proven. */
export async function judgedAnswer(
  { caller, id, verdict, because, extend }: Said,
  { ledger, owners, now }: Pick<HoldRoutesOptions, 'ledger' | 'owners' | 'now'>,
): Promise<Result<Omit<Parameters<AnswerHold>[0], keyof GivenProof>, Problem>> {
  const hold = await ledger.hold(id, now());
  if (hold === undefined || !reaches(caller, hold)) return refuse(HOLD_UNKNOWN);
  const hindered = hindrance(caller, hold, owners);
  if (hindered !== undefined) return refuse(hindered);
  const amounts = readExtension(extend, kindsAsked(hold));
  if (!amounts.ok) return refuse(invalid('extend', amounts.error.replace(/\.$/, '')));
  const problem = extensionProblem(hold, { verdict, extend: amounts.value });
  if (problem !== undefined) return refuse(invalid('extend', problem.replace(/\.$/, '')));
  const groups = groupsSigned(hold.terms, answererOf(caller));
  return ok({ known: caller.principal, hold, verdict, because, groups, extend: amounts.value });
}

/** Why this person does not answer this hold, whatever is said and proven; undefined where nothing hinders it. */
export function hindrance(caller: ApiCaller, hold: Hold, owners: readonly ClientOwners[]): Problem | undefined {
  const missing = rightsAsked(hold.needs).filter((right) => !mayBy(caller.person?.roles ?? [], right));
  if (missing.length > 0) return notBy(missing);
  if (asksItself(caller, hold, owners)) return ASKER;
  const stranger = notApprover(hold, answererOf(caller));
  if (stranger !== undefined) return { status: 403, reason: 'approver', detail: stranger.replace(/\.$/, '') };
  if (hold.state === 'open') return undefined;
  return { status: 409, reason: 'not_now', detail: `The hold is ${hold.state} and waits for nobody` };
}

export const ASKER: Problem = { status: 403, reason: 'asker', detail: 'Who asks for a call does not answer it' };

const time = (at: number): string => new Date(at).toISOString();

const shownHold = (hold: Hold): HoldShown => ({
  id: hold.id,
  state: hold.state,
  session: hold.session,
  target: hold.target,
  effect: hold.effect,
  arguments: hold.effective,
  shown: hold.shown === undefined ? null : { tool: hold.shown.tool, text: hold.shown.text },
  agent_reason: hold.agentReason ?? null,
  needs: hold.needs.map(({ kind, rule, reason = null }) => ({ kind, rule, reason })),
  principal: { ...hold.principal, actors: [...hold.principal.actors] },
  placed_at: time(hold.placedAt),
  expires_at: time(hold.expiresAt),
  terms: shownTerms(hold.terms),
  decisions: hold.decisions.map(shownDecision),
  used_by: [...hold.usedBy],
});

const shownTerms = ({ approvers, quorum, proof, answerWithin, useWithin, allowRequester, uses }: Terms) => ({
  approvers: approvers.map((list) => list.map(namedWords)),
  quorum,
  proof,
  answer_within_ms: answerWithin,
  use_within_ms: useWithin,
  allow_requester: allowRequester,
  uses,
});

const shownDecision = ({ verdict, by, at, because }: Decision): HoldShown['decisions'][number] => ({
  verdict,
  by,
  at: time(at),
  because: because ?? null,
});
