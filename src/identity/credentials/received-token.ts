/** From an issuer's answer to a credential: what kind of answer it is, and what the token in it says, judged. */
import type { TokenEndpointResponse } from 'openid-client';
import type { NoCredential } from '../../domain/credential.ts';
import { ok, type Result } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import { type Expected, judgeIssued } from './issued-token.ts';
import { type IssuerClient, isJwt } from './issuer-client.ts';
import { type Fetched, failed } from './source.ts';

export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
export const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** Other kinds of token are signed with the same keys (RFC 8725, section 3.11). */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt']);

/** An access token, checked at its issuer; refused with what is wrong with it, and never with what it is. */
export async function receivedToken(
  client: IssuerClient,
  answer: TokenEndpointResponse,
  expected: Expected & { readonly introspection: boolean },
  at: number,
): Promise<Result<Fetched, NoCredential>> {
  const wrong = (why: string) => failed(`what ${client.issuer} issued is not used: ${why}`);
  if (answer.token_type !== 'bearer') return wrong('it is no bearer token (token_type)');
  const token = answer.access_token;
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(token)) return wrong('it cannot stand in a header');
  const opaque = expected.introspection ? client.introspect(token) : undefined;
  const claims = isJwt(token) ? await client.claimsOf(token, TYPES) : await opaque;
  if (claims === undefined) return wrong('it is opaque, and "introspection: true" is not said');
  if (!claims.ok) return wrong(claims.error);
  const beside = { scope: answer.scope, expiresIn: answer.expires_in };
  const sound = judgeIssued(client.issuer, claims.value, beside, expected, at);
  if (!sound.ok) return wrong(sound.error);
  const { expiresAt, audience, scopes } = sound.value;
  const credential = { header: 'authorization', value: new Secret(`Bearer ${token}`), expiresAt, audience, scopes };
  return ok({ credential, revoke: client.revoking(new Secret(token)) });
}
