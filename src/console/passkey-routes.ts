/** The routes of passkeys: what browsers are asked to prove, and how people come to passkeys and lose them. */
import type { ChallengeHold, PasskeyShown, Passkeys } from '../domain/passkey.ts';
import type { NotAnswered } from '../domain/person.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Right } from '../domain/role.ts';
import { ANSWER_REFUSALS, ANSWERING, type HoldRoutesOptions, judgedAnswer, ONE_HOLD } from './hold-routes.ts';
import { challenge, holdChallenge } from './hold-shapes.ts';
import { notAnswered } from './not-answered.ts';
import {
  passkey,
  passkeyAddition,
  passkeyBeginning,
  passkeyOffer,
  passkeyOffered,
  passkeyPage,
  passkeyRemoval,
} from './passkey-shapes.ts';
import type { Problem } from './problem.ts';
import { type Answer, type ApiRoute, route } from './route.ts';

export interface PasskeyRoutesOptions extends Pick<HoldRoutesOptions, 'ledger' | 'owners' | 'now'> {
  readonly challengeHold: ChallengeHold;
  readonly passkeys: Passkeys;
}

const PASSKEYS = '/api/passkeys';
const ONE = `${PASSKEYS}/{passkey}`;
/** Who may have a key for answers may have passkeys beside it. */
export const ENROLLING: readonly Right[] = ['enrol approvers'];

const told = <T>(
  done: Result<T, NotAnswered>,
  body: (value: T) => unknown,
  status: 200 | 201 = 200,
): Result<Answer, Problem> => (done.ok ? ok({ status, body: body(done.value) }) : refuse(notAnswered(done.error)));

const itself = <T>(value: T): T => value;

export const passkeyRoutes = (options: PasskeyRoutesOptions): readonly ApiRoute[] => [
  route(
    {
      name: 'challengeHold',
      method: 'post',
      path: `${ONE_HOLD}/challenge`,
      says: 'Asks a passkey of the caller to prove this answer, which is then sent word for word with what the browser gave.',
      scope: undefined,
      rights: ANSWERING,
      byProof: true,
      query: undefined,
      body: holdChallenge,
      answer: { status: 200, says: 'What to ask the browser for.', shape: challenge },
      refusals: ANSWER_REFUSALS,
    },
    async ({ caller, id, body: { verdict, because, extend = [] } }) => {
      const judged = await judgedAnswer({ caller, id, verdict, because, extend }, options);
      return judged.ok ? told(await options.challengeHold(judged.value), itself) : judged;
    },
  ),
  route(
    {
      name: 'listPasskeys',
      method: 'get',
      path: PASSKEYS,
      says: 'The passkeys of the caller.',
      scope: undefined,
      rights: ENROLLING,
      query: undefined,
      body: undefined,
      answer: { status: 200, says: 'The passkeys.', shape: passkeyPage },
      refusals: [403],
    },
    async ({ caller }) => {
      const { passkeys } = options;
      const body = { origin: passkeys.origin() ?? null, passkeys: passkeys.list(caller.principal).map(shownPasskey) };
      return ok({ status: 200, body });
    },
  ),
  ...enrolment(options),
  ...removal(options),
];

const enrolment = ({ passkeys }: PasskeyRoutesOptions): readonly ApiRoute[] => [
  route(
    {
      name: 'beginPasskey',
      method: 'post',
      path: `${PASSKEYS}/options`,
      says: 'Asks a browser to make a passkey.',
      scope: undefined,
      rights: ENROLLING,
      byProof: true,
      query: undefined,
      body: passkeyBeginning,
      answer: { status: 200, says: 'What to ask the browser for.', shape: challenge },
      refusals: [400, 403, 409, 413, 415],
    },
    async ({ caller }) => told(await passkeys.begin(caller.principal), itself),
  ),
  route(
    {
      name: 'offerPasskey',
      method: 'post',
      path: `${PASSKEYS}/offers`,
      says: 'Takes what the browser made. It proves nothing until it is enrolled.',
      scope: undefined,
      rights: ENROLLING,
      byProof: true,
      query: undefined,
      body: passkeyOffer,
      answer: { status: 200, says: 'Enrol it within five minutes.', shape: passkeyOffered },
      refusals: [400, 403, 409, 413, 415],
    },
    async ({ caller, body }) =>
      told(await passkeys.offer(caller.principal, body), (offered) => ({
        offer: offered.offer,
        challenge: offered.challenge ?? null,
      })),
  ),
  route(
    {
      name: 'addPasskey',
      method: 'post',
      path: PASSKEYS,
      says: 'Enrols a passkey, on the word of a proof that was there before.',
      scope: undefined,
      rights: ENROLLING,
      byProof: true,
      query: undefined,
      body: passkeyAddition,
      answer: { status: 201, says: 'It is enrolled.', shape: passkey },
      refusals: [400, 403, 409, 413, 415, 429],
    },
    async ({ caller, body: { offer, ...proof } }) =>
      told(await passkeys.add(caller.principal, offer, proof), shownPasskey, 201),
  ),
];

const removal = ({ passkeys }: PasskeyRoutesOptions): readonly ApiRoute[] => [
  route(
    {
      name: 'challengePasskey',
      method: 'post',
      path: `${ONE}/challenge`,
      says: 'Asks a passkey of the caller to prove that this one is to be removed.',
      scope: undefined,
      rights: ENROLLING,
      byProof: true,
      query: undefined,
      body: passkeyBeginning,
      answer: { status: 200, says: 'What to ask the browser for.', shape: challenge },
      refusals: [400, 403, 409, 413, 415],
    },
    async ({ caller, id }) => told(await passkeys.challengeRemoval(caller.principal, id), itself),
  ),
  route(
    {
      name: 'removePasskey',
      method: 'post',
      path: `${ONE}/remove`,
      says: 'From now on this passkey proves nothing. Approvals by it that were not used yet are void.',
      scope: undefined,
      rights: ENROLLING,
      byProof: true,
      query: undefined,
      body: passkeyRemoval,
      answer: { status: 200, says: 'It is removed.', shape: passkey },
      refusals: [400, 403, 409, 413, 415, 429],
    },
    async ({ caller, id, body }) => told(await passkeys.remove(caller.principal, id, body), shownPasskey),
  ),
];

const shownPasskey = ({ id, label, origin, addedAt, enrolledBy }: PasskeyShown) => ({
  ...{ id, label, origin },
  added_at: new Date(addedAt).toISOString(),
  enrolled_by: enrolledBy,
});
