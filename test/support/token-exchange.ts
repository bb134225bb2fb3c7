/** Token exchange (RFC 8693) as a grant of `oidc-provider`: delegation, with the client that exchanges as the actor. */
import { type CryptoKey, jwtVerify } from 'jose';
import { errors, type Provider, type ResourceServer } from 'oidc-provider';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const PARAMETERS = [
  'audience',
  'resource',
  'scope',
  'requested_token_type',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
];

interface OwnTokens {
  /** Signs a grant of identity (ID-JAG) as this server would. */
  signGrant(claims: Readonly<Record<string, unknown>>): Promise<string>;
  readonly issuer: string;
  readonly publicKey: CryptoKey;
  resourceOf(uri: string): ResourceServer;
}

/** What is said of a token that was exchanged, beside what is said of the client that did it. */
const DELEGATIONS = new WeakMap<object, Readonly<Record<string, unknown>>>();
/** From now on its tokens say this. */
export const delegate = (token: object, claims: Readonly<Record<string, unknown>>): void =>
  void DELEGATIONS.set(token, claims);
export const delegationOf = (token: object): Readonly<Record<string, unknown>> | undefined => DELEGATIONS.get(token);

/** Teaches it to a provider. Subject tokens are its own, signed JWTs. */
export function tokenExchange(provider: Provider, own: OwnTokens): void {
  provider.registerGrantType(
    GRANT,
    async (context) => {
      const { client } = context.oidc;
      const params: Readonly<Record<string, unknown>> = context.oidc.params ?? {};
      if (client === undefined) throw new errors.InvalidClient('no client');
      const [target, ...more] = [params['resource'] ?? params['audience'] ?? []].flat().map(String);
      if (target === undefined || more.length > 0) throw new errors.InvalidTarget();
      if (params['requested_token_type'] === ID_JAG) {
        context.body = await identityGrant(client.clientId, params, own);
        return;
      }
      if ((params['actor_token'] === undefined) !== (params['actor_token_type'] === undefined))
        throw new errors.InvalidRequest('actor_token and actor_token_type come together');
      const subject = await subjectOf(params['subject_token'], own);
      const { may_act: mayAct } = subject;
      if (mayAct !== undefined && (mayAct as { sub?: unknown }).sub !== client.clientId)
        throw new errors.InvalidRequest('another may act for the subject');
      const server = own.resourceOf(target);
      const scope = grantedScope(params['scope'], String(subject['scope'] ?? ''), server.scope);
      const token = new provider.ClientCredentials({ client, scope });
      token.resourceServer = new provider.ResourceServer(target, server);
      const act = { sub: client.clientId, ...(subject['act'] === undefined ? {} : { act: subject['act'] }) };
      DELEGATIONS.set(token, { sub: subject.sub, client_id: client.clientId, act });
      const issued = await token.save();
      const lives = { token_type: 'Bearer', expires_in: token.expiration, scope };
      context.body = { access_token: issued, issued_token_type: ACCESS_TOKEN, ...lives };
    },
    PARAMETERS,
    ['audience', 'resource'],
  );
}

/** A grant for the issuer of another server (Enterprise-Managed Authorization, step 1). */
async function identityGrant(client: string, params: Readonly<Record<string, unknown>>, own: OwnTokens) {
  const { sub } = await subjectOf(params['subject_token'], own);
  const { audience: aud, resource, scope } = params;
  // The client is known at the other issuer by its name here and there.
  const claims = { sub, aud, resource, client_id: `${client}-there`, ...(scope === undefined ? {} : { scope }) };
  const lives = { token_type: 'N_A', expires_in: 300, ...(scope === undefined ? {} : { scope }) };
  return { access_token: await own.signGrant(claims), issued_token_type: ID_JAG, ...lives };
}

async function subjectOf(token: unknown, { issuer, publicKey }: OwnTokens) {
  try {
    return (await jwtVerify(String(token), publicKey, { issuer })).payload;
  } catch {
    throw new errors.InvalidRequest('the subject token is not valid');
  }
}

/** What is asked, where the subject holds it and the target knows it; nothing beyond is left out silently. */
function grantedScope(asked: unknown, held: string, known: string): string {
  const wanted = String(asked ?? '')
    .split(' ')
    .filter((one) => one !== '');
  const within = (scope: string, list: string): boolean => list.split(' ').includes(scope);
  const beyond = wanted.filter((one) => !within(one, held) || !within(one, known));
  if (beyond.length > 0) throw new errors.InvalidScope('more than the subject holds', beyond.join(' '));
  return wanted.join(' ');
}
