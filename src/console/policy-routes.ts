/** The routes of policies: what is in force, what waits for a person, and how one accepts it with a passphrase, which signs. */
import type { ApiCaller } from '../domain/person.ts';
import { type Offer, type PoliciesInView, type PolicyInView, shownDigest } from '../domain/policies-in-view.ts';
import { LOCAL } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { mayBy, type Right } from '../domain/role.ts';
import { notAnswered } from './not-answered.ts';
import { type PolicyWhole, policyAcceptance, policyList, policyWhole } from './policy-shapes.ts';
import { POLICY_UNKNOWN, type Problem } from './problem.ts';
import { notBy } from './rights.ts';
import { type ApiRoute, route } from './route.ts';

export interface PolicyRoutesOptions {
  readonly policies: PoliciesInView;
}

const POLICIES = '/api/policies';
const ONE = `${POLICIES}/{profile}`;

export const policyRoutes = (options: PolicyRoutesOptions): readonly ApiRoute[] => [
  list(options),
  show(options),
  accept(options),
];

const list = ({ policies }: PolicyRoutesOptions): ApiRoute =>
  route(
    {
      name: 'listPolicies',
      method: 'get',
      path: POLICIES,
      says: 'The policies in force, and which of them wait for a person.',
      scope: undefined,
      rights: ['see policies'],
      query: undefined,
      body: undefined,
      answer: { status: 200, says: 'The policies.', shape: policyList },
      refusals: [403],
    },
    async ({ caller }) => {
      if (!answersForAll(caller)) return refuse(OF_ONE_TENANT);
      return ok({ status: 200, body: { policies: (await policies.list()).map(shownPolicy) } });
    },
  );

const show = ({ policies }: PolicyRoutesOptions): ApiRoute =>
  route(
    {
      name: 'showPolicy',
      method: 'get',
      path: ONE,
      says: 'One of them with its texts, and all that accepting what waits would change. Asks its servers what they say now.',
      scope: undefined,
      rights: ['see policies'],
      query: undefined,
      body: undefined,
      answer: { status: 200, says: 'The policy.', shape: policyWhole },
      refusals: [403, 404],
    },
    async ({ caller, id }) => {
      if (!answersForAll(caller)) return refuse(OF_ONE_TENANT);
      const policy = await policies.find(id);
      if (policy === undefined) return refuse(POLICY_UNKNOWN);
      return ok({ status: 200, body: wholePolicy(policy, await policies.offer(id)) });
    },
  );

const accept = (options: PolicyRoutesOptions): ApiRoute =>
  route(
    {
      name: 'acceptPolicy',
      method: 'post',
      path: `${ONE}/accept`,
      says: 'Puts in force what was shown; with pins, the lock file is written. Refused where it is another by now.',
      scope: undefined,
      rights: ['accept pins', 'accept policies'],
      query: undefined,
      body: policyAcceptance,
      answer: { status: 200, says: 'It is in force.', shape: policyWhole },
      refusals: [400, 403, 404, 409, 413, 415, 429],
    },
    async ({ caller, id, body }) => {
      const accepted = await acceptedBy(caller, id, body, options);
      return accepted.ok ? ok({ status: 200, body: wholePolicy(accepted.value, ok(undefined)) }) : accepted;
    },
  );

/** The passphrase is tried last: who may not accept this one learns nothing about it. */
export async function acceptedBy(
  caller: ApiCaller,
  profile: string,
  { shown, passphrase }: { readonly shown: string; readonly passphrase: string },
  { policies }: PolicyRoutesOptions,
): Promise<Result<PolicyInView, Problem>> {
  if (!answersForAll(caller)) return refuse(OF_ONE_TENANT);
  if ((await policies.find(profile)) === undefined) return refuse(POLICY_UNKNOWN);
  const offer = await policies.offer(profile);
  if (!offer.ok) return refuse(notNow(offer.error));
  if (offer.value === undefined) return refuse(notNow('Nothing of this policy waits for a person'));
  const right = rightFor(offer.value);
  if (!mayBy(caller.person?.roles ?? [], right)) return refuse(notBy([right]));
  if (shownDigest(offer.value) !== shown) return refuse(notNow('What waits is not what was shown: look again'));
  const done = await policies.accept({ profile, shown, known: caller.principal, passphrase });
  return done.ok ? done : refuse(notAnswered(done.error));
}

/** What servers say of themselves is the operator's to accept, what the security team wrote the admin's. */
export const rightFor = ({ kind }: Pick<Offer, 'kind'>): Right => (kind === 'pins' ? 'accept pins' : 'accept policies');

/** A policy is no tenant's: where an issuer has several, their people see none and accept none. */
export const answersForAll = ({ principal: { issuer, tenant } }: ApiCaller): boolean =>
  issuer === LOCAL || tenant === issuer;

export const OF_ONE_TENANT: Problem = {
  status: 403,
  reason: 'tenant',
  detail: 'Policies are for whoever runs this gateway: people of one of its tenants do not see them',
};

const notNow = (detail: string): Problem => ({ status: 409, reason: 'not_now', detail: detail.replace(/\.$/, '') });

const shownPolicy = ({ profile, file, digest, since, acceptedBy: by, wider, quarantined }: PolicyInView) => ({
  profile,
  file,
  digest,
  since: since === undefined ? null : new Date(since).toISOString(),
  accepted_by: by ?? null,
  wider: [...wider],
  quarantined: quarantined.map(({ server, names }) => ({ server, names: [...names] })),
});

const wholePolicy = (policy: PolicyInView, offer: Result<Offer | undefined, string>): PolicyWhole => {
  const { files, lock } = policy.texts;
  return {
    ...shownPolicy(policy),
    texts: [...files, ...(lock === undefined ? [] : [lock])].map(({ file, text }) => ({ file, text })),
    offer: offer.ok && offer.value !== undefined ? shownOffer(offer.value) : null,
    problem: offer.ok ? null : offer.error,
  };
};

const shownOffer = (offer: Offer): NonNullable<PolicyWhole['offer']> => ({
  kind: offer.kind,
  shown: shownDigest(offer),
  wider: [...offer.wider],
  pins: offer.pins.map(({ heading, words }) => ({ heading, words: [...words] })),
  files: offer.files.map(({ file, lines }) => ({ file, lines: [...lines] })),
});
