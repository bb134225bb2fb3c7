/** The routes of calls that were sent and never answered: people find out what became of one, and say so with a passphrase, which signs. */

import type { UnknownCall } from '../domain/finding.ts';
import { type ApiCaller, asksItself, type FindOut } from '../domain/person.ts';
import type { Ledger } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { ClientOwners } from '../domain/role.ts';
import { USUAL_TERMS } from '../domain/terms.ts';
import { ASKER } from './hold-routes.ts';
import { notAnswered } from './not-answered.ts';
import { outcomeListing, settling, type UnknownCallShown, unknownCall, unknownCallPage } from './outcome-shapes.ts';
import { OUTCOME_UNKNOWN, type Problem } from './problem.ts';
import { isWithin } from './rights.ts';
import { type ApiRoute, route } from './route.ts';

export interface OutcomeRoutesOptions {
  readonly ledger: Pick<Ledger, 'unknown' | 'unknowns'>;
  readonly owners: readonly ClientOwners[];
  readonly findOut: FindOut;
}

const OUTCOMES = '/api/outcomes';
const ONE = `${OUTCOMES}/{call}`;

export const outcomeRoutes = (options: OutcomeRoutesOptions): readonly ApiRoute[] => [
  list(options),
  show(options),
  settle(options),
];

const list = ({ ledger }: OutcomeRoutesOptions): ApiRoute =>
  route(
    {
      name: 'listOutcomes',
      method: 'get',
      path: OUTCOMES,
      says: 'The calls of the tenant that were sent and never answered.',
      scope: undefined,
      rights: ['see outcomes'],
      query: outcomeListing,
      body: undefined,
      answer: { status: 200, says: 'The calls.', shape: unknownCallPage },
      refusals: [400, 403],
    },
    async ({ caller, query: { state, limit } }) => {
      const calls = (await ledger.unknowns({ open: state === 'unknown' })).filter((one) => reachesCall(caller, one));
      return ok({ status: 200, body: { outcomes: calls.slice(0, limit).map(shownCall) } });
    },
  );

const show = ({ ledger }: OutcomeRoutesOptions): ApiRoute =>
  route(
    {
      name: 'showOutcome',
      method: 'get',
      path: ONE,
      says: 'One of them, with the exact arguments.',
      scope: undefined,
      rights: ['see outcomes'],
      query: undefined,
      body: undefined,
      answer: { status: 200, says: 'The call.', shape: unknownCall },
      refusals: [403, 404],
    },
    async ({ caller, id }) => {
      const call = await ledger.unknown(id);
      if (call === undefined || !reachesCall(caller, call)) return refuse(OUTCOME_UNKNOWN);
      return ok({ status: 200, body: shownCall(call) });
    },
  );

const settle = (options: OutcomeRoutesOptions): ApiRoute =>
  route(
    {
      name: 'settleOutcome',
      method: 'post',
      path: `${ONE}/settle`,
      says: 'Says whether a call was executed. The first answer stands.',
      scope: undefined,
      rights: ['settle outcomes'],
      query: undefined,
      body: settling,
      answer: { status: 200, says: 'It is settled.', shape: unknownCall },
      refusals: [400, 403, 404, 409, 413, 415, 429],
    },
    async ({ caller, id, body }) => {
      const settled = await settledBy(caller, id, body, options);
      return settled.ok ? ok({ status: 200, body: shownCall(settled.value) }) : settled;
    },
  );

/** The passphrase is tried last: who may not answer for this call learns nothing about it. */
export async function settledBy(
  caller: ApiCaller,
  id: string,
  { outcome, why, passphrase }: Pick<Parameters<FindOut>[0], 'outcome' | 'why' | 'passphrase'>,
  { ledger, owners, findOut }: OutcomeRoutesOptions,
): Promise<Result<UnknownCall, Problem>> {
  const call = await ledger.unknown(id);
  if (call === undefined || !reachesCall(caller, call)) return refuse(OUTCOME_UNKNOWN);
  if (asksItself(caller, { principal: call.principal, terms: USUAL_TERMS }, owners)) return refuse(ASKER);
  if (call.finding !== undefined)
    return refuse({ status: 409, reason: 'not_now', detail: `${call.finding.by} found out already` });
  const found = await findOut({ known: caller.principal, call, outcome, why, passphrase });
  return found.ok ? found : refuse(notAnswered(found.error));
}

/** What is of another tenant is not there. */
export const reachesCall = (caller: ApiCaller, { session, principal }: UnknownCall): boolean =>
  isWithin(caller, { id: session, principal });

const time = (at: number): string => new Date(at).toISOString();

const shownCall = (call: UnknownCall): UnknownCallShown => ({
  call: call.id,
  session: call.session,
  target: call.target,
  effect: call.effect as UnknownCallShown['effect'],
  arguments: call.effective,
  agent_reason: call.agentReason ?? null,
  lost: call.lost ?? null,
  principal: { ...call.principal, actors: [...call.principal.actors] },
  sent_at: time(call.at),
  unknown_since: time(call.unknownSince),
  found:
    call.finding === undefined
      ? null
      : { outcome: call.finding.outcome, by: call.finding.by, at: time(call.finding.at), why: call.finding.why },
});
