/**
 * Signing in of people: OpenID Connect, authorization code with PKCE, state and nonce, by `openid-client`. Every request goes the
 * guarded way out; the ID token's signature is checked even though it comes straight from the issuer.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  type CustomFetch,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { ClientForm } from '../../domain/credential-form.ts';
import type { SignIn } from '../../domain/person.ts';
import type { Now } from '../../domain/ports.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { type RoleEntry, rolesOf } from '../../domain/role.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import { clientAuthentication } from '../client-authentication.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import { callerIn } from '../token-claims.ts';

export interface SignInOptions {
  readonly issuer: string;
  /** The claim that names the tenant; undefined: the issuer is one. */
  readonly tenant: string | undefined;
  readonly client: ClientForm;
  readonly roles: readonly RoleEntry[];
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly readSecret: ReadSecret;
  readonly now: Now;
}

/** What an issuer says of itself is asked again after so many milliseconds. */
const KNOWN_FOR = 60 * 60_000;
const LONGEST_REASON = 200;

export function signIn(options: SignInOptions): SignIn {
  let known: { readonly until: number; readonly configuration: Promise<Result<Configuration, string>> } | undefined;
  const configured = async (): Promise<Result<Configuration, string>> => {
    const at = options.now();
    if (known === undefined || at >= known.until)
      known = { until: at + KNOWN_FOR, configuration: configurationOf(options) };
    const here = known;
    const configuration = await here.configuration;
    // One that failed is asked anew by whoever comes next.
    if (!configuration.ok && known === here) known = undefined;
    return configuration;
  };
  return {
    async begin(back) {
      const configuration = await configured();
      if (!configuration.ok) return configuration;
      const underWay = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(configuration.value, {
        redirect_uri: back,
        scope: 'openid',
        state: underWay.state,
        nonce: underWay.nonce,
        code_challenge: await calculatePKCECodeChallenge(underWay.verifier),
        code_challenge_method: 'S256',
      });
      return ok({ url: url.href, underWay });
    },
    async finish(at, { state, nonce, verifier }) {
      const configuration = await configured();
      if (!configuration.ok) return configuration;
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
      const tokens = await authorizationCodeGrant(configuration.value, at, checks).then(ok, failed);
      if (!tokens.ok) return tokens;
      return personIn({ ...tokens.value.claims() }, options);
    },
  };
}

/** Its metadata must name the very issuer that the deployment's file names: the library compares. */
async function configurationOf({ issuer, client, outgoing, readSecret }: SignInOptions) {
  const authentication = await clientAuthentication(client, readSecret);
  if (!authentication.ok) return authentication;
  const isHere = new URL(issuer).protocol === 'http:';
  return discovery(new URL(issuer), client.id, undefined, authentication.value, {
    [customFetch]: outgoing.fetch as unknown as CustomFetch,
    // `http:` is let in for an issuer on this machine alone.
    execute: [enableNonRepudiationChecks, ...(isHere ? [allowInsecureRequests] : [])],
  }).then(ok, failed);
}

/** Rules over claims are about callers of tools. */
const NO_CLAIMS: ReadonlySet<string> = new Set();

/** Who the claims of an ID token name. Its `sid` is the issuer's own session, and no session of ours. */
function personIn(
  { sid: _theirs, scope: _none, ...claims }: Readonly<Record<string, unknown>>,
  { issuer, tenant, client, roles }: SignInOptions,
) {
  const caller = callerIn({ ...claims, client_id: client.id }, { url: issuer, tenant, named: () => NO_CLAIMS });
  if (!caller.ok) return caller;
  if (caller.value.principal.actors.length > 0) return refuse('somebody acts for the person (act)');
  return ok({ ...caller.value, person: { roles: rolesOf(roles, caller.value), looksOnly: false } });
}

/** In words for the operator. */
function failed(fault: unknown): Result<never, string> {
  const said: string[] = [];
  for (let at = fault; at instanceof Error && said.length < 3; at = at.cause) said.push(at.message);
  return refuse(said.join(': ').slice(0, LONGEST_REASON) || 'the issuer cannot be used');
}
