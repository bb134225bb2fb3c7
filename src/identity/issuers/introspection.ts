/** Tokens that only their issuer can read: it is asked (RFC 7662), and what it says is checked as a signed token's claims are. */
import { allowInsecureRequests, Configuration, customFetch, tokenIntrospection } from 'openid-client';
import { z } from 'zod';
import type { Now } from '../../domain/ports.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import { clientSecretBasic } from '../client-secret-basic.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import type { ClaimsReading } from '../token-claims.ts';
import { fetchJson } from './fetch-json.ts';
import type { Discover } from './issuer-metadata.ts';
import { audiencesOf, type Door, TOLERANCE, type Verified, type Verify } from './verified.ts';
import { believed } from './verify-jwt.ts';

export interface IntrospectionOptions extends Door {
  readonly issuer: ClaimsReading;
  readonly discover: Discover;
  /** The secret is a reference. */
  readonly client: { readonly id: string; readonly secret: string };
  readonly readSecret: ReadSecret;
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly now: Now;
}

/** Milliseconds that an answer is believed: a token that was revoked opens nothing for longer. */
const BELIEVED = 60_000;

/** Each token that is made up costs a request to the issuer: so many at a time, and no more. */
const MOST_AT_ONCE = 32;

const answer = z.looseObject({
  iss: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number().optional(),
  nbf: z.number().optional(),
  token_type: z.string().optional(),
});

export function introspection(options: IntrospectionOptions): Verify {
  let asked = 0;
  return async (token) => {
    if (asked >= MOST_AT_ONCE) return refuse(`${options.issuer.url} is being asked about ${MOST_AT_ONCE} others`);
    asked++;
    try {
      const said = await ask(token, options);
      return said.ok ? judge(said.value, options) : said;
    } finally {
      asked--;
    }
  };
}

async function ask(token: string, options: IntrospectionOptions): Promise<Result<unknown, string>> {
  const { issuer, discover, client, readSecret, outgoing } = options;
  const found = await discover();
  if (!found.ok) return refuse(`${issuer.url} cannot be asked about it: ${found.error}`);
  const { introspection_endpoint } = found.value;
  if (introspection_endpoint === undefined) return refuse(`${issuer.url} names no introspection_endpoint`);
  const secret = await readSecret(client.secret);
  if (!secret.ok) return refuse(`${issuer.url} cannot be asked about it: ${secret.error}`);
  let trouble = '';
  const configuration = configurationOf(issuer.url, introspection_endpoint, client.id, secret.value);
  configuration[customFetch] = async (url, { method, headers, body }) => {
    const fetched = await fetchJson(outgoing, url, { method, headers, body: String(body) });
    trouble = fetched.ok ? `${url} answered ${fetched.value.status}, and not as RFC 7662 says` : fetched.error;
    if (!fetched.ok) throw new Error(fetched.error);
    const { status, text, type } = fetched.value;
    return new Response(text, { status, headers: type === undefined ? {} : { 'content-type': type } });
  };
  try {
    return ok(await tokenIntrospection(configuration, token, { token_type_hint: 'access_token' }));
  } catch {
    // Its words may quote what was sent.
    return refuse(`${issuer.url} cannot be asked about it: ${trouble}`);
  }
}

function configurationOf(issuer: string, endpoint: string, client: string, secret: Secret): Configuration {
  const server = { issuer, introspection_endpoint: endpoint };
  const configuration = new Configuration(server, client, undefined, clientSecretBasic(secret.reveal()));
  // Http is there on loopback alone: whoever wrote the URL, or told it, was held to that.
  allowInsecureRequests(configuration);
  return configuration;
}

function judge(said: unknown, { issuer, audience, notFor, now }: IntrospectionOptions): Result<Verified, string> {
  if ((said as { active?: unknown }).active !== true) return refuse('its issuer says that it is not active');
  const read = answer.safeParse(said);
  if (!read.success) return refuse(`its issuer says no ${read.error.issues[0]?.path[0]?.toString()} of it`);
  const { iss, exp, nbf, token_type: type = 'Bearer' } = read.data;
  const at = now();
  if (iss !== undefined && iss !== issuer.url) return refuse(`it is not of ${issuer.url} (iss)`);
  const audiences = audiencesOf(read.data);
  if (!audiences.includes(audience)) return refuse(`it is not for ${audience} (aud)`);
  if (notFor !== undefined && audiences.includes(notFor)) return refuse(`it is for ${notFor} as well (aud)`);
  if (type.toLowerCase() !== 'bearer') return refuse('it is no bearer token (token_type)');
  if (exp !== undefined && exp * 1000 <= at - TOLERANCE * 1000) return refuse('it has expired (exp)');
  if (nbf !== undefined && nbf * 1000 > at + TOLERANCE * 1000) return refuse('it is not valid yet (nbf)');
  const until = Math.min(at + BELIEVED, (exp ?? Number.POSITIVE_INFINITY) * 1000);
  return believed(read.data, issuer, until);
}
