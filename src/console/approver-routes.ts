/** How people come to keys that sign answers: one asks, somebody who has one accepts, each with a passphrase. */
import type { ApproverKeys } from '../domain/person.ts';
import { ok, refuse } from '../domain/result.ts';
import { approverKey, approverKeyPage, keyAcceptance, keyRequest } from './hold-shapes.ts';
import { notAnswered } from './not-answered.ts';
import { type ApiRoute, route } from './route.ts';

export interface ApproverRoutesOptions {
  readonly approverKeys: ApproverKeys;
}

const APPROVERS = '/api/approvers';

export const approverRoutes = ({ approverKeys }: ApproverRoutesOptions): readonly ApiRoute[] => [
  route(
    {
      name: 'listApprovers',
      method: 'get',
      path: APPROVERS,
      says: 'Who has a key for answers, and who asks for one.',
      scope: undefined,
      rights: ['accept approvers'],
      query: undefined,
      body: undefined,
      answer: { status: 200, says: 'The approvers of the tenant.', shape: approverKeyPage },
      refusals: [403],
    },
    async ({ caller }) => ok({ status: 200, body: { approvers: approverKeys.list(caller.principal) } }),
  ),
  route(
    {
      name: 'askForKey',
      method: 'post',
      path: APPROVERS,
      says: 'Makes a key for the caller, which answers nothing until it is accepted.',
      scope: undefined,
      rights: ['enrol approvers'],
      query: undefined,
      body: keyRequest,
      answer: { status: 201, says: 'Tell its kid to somebody who accepts it within a day.', shape: approverKey },
      refusals: [400, 403, 409, 413, 415, 429],
    },
    async ({ caller, body }) => {
      const asked = await approverKeys.ask(caller.principal, body.passphrase);
      if (!asked.ok) return refuse(notAnswered(asked.error));
      return ok({ status: 201, body: asked.value, location: APPROVERS });
    },
  ),
  route(
    {
      name: 'acceptApprover',
      method: 'post',
      path: `${APPROVERS}/{approver}/accept`,
      says: 'Lets a person answer holds with the key that it asked for.',
      scope: undefined,
      rights: ['accept approvers'],
      query: undefined,
      body: keyAcceptance,
      answer: { status: 200, says: 'It is enrolled.', shape: approverKey },
      refusals: [400, 403, 409, 413, 415, 429],
    },
    async ({ caller, id, body: { kid, passphrase } }) => {
      const accepted = await approverKeys.accept({ name: id, kid, by: caller.principal, passphrase });
      return accepted.ok ? ok({ status: 200, body: accepted.value }) : refuse(notAnswered(accepted.error));
    },
  ),
];
