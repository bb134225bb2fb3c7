/**
 * Enterprise-Managed Authorization: the caller's identity provider says in a grant (ID-JAG) that its user may be served, and the
 * server's own issuer gives a token for it. Two issuers, both named by the deployment.
 */
import { z } from 'zod';
import type { CredentialWanted } from '../../domain/credential.ts';
import type { IdJagForm } from '../../domain/credential-form.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { judgeIssued } from './issued-token.ts';
import type { IssuerClient } from './issuer-client.ts';
import { ACCESS_TOKEN, receivedToken } from './received-token.ts';
import { type Fetch, failed, type Sources } from './source.ts';
import { isAccessToken, subjectTokenFor } from './subject-token.ts';
import { TOKEN_EXCHANGE } from './token-exchange.ts';

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TYPES: ReadonlySet<string> = new Set(['oauth-id-jag+jwt']);

export const identityAssertion =
  (form: IdJagForm, { clients, now }: Sources): Fetch =>
  async (wanted) => {
    const { issuer, client, resource, at, introspection } = form;
    const provider = await clients.of(issuer, client);
    if (!provider.ok) return failed(provider.error);
    const assertion = await grantOf(form, provider.value, wanted, now());
    if (!assertion.ok) {
      clients.forget(issuer, client);
      return failed(assertion.error);
    }
    const opened = await clients.of(at.issuer, at.client);
    if (!opened.ok) return failed(opened.error);
    const answer = await opened.value.grant(JWT_BEARER, new URLSearchParams({ assertion: assertion.value, resource }));
    if (!answer.ok) {
      clients.forget(at.issuer, at.client);
      return failed(answer.error);
    }
    // That issuer may know the subject by a name of its own, and nobody acts there but the client.
    const expected = { audiences: [resource], scopes: wanted.scopes, subject: undefined, actor: undefined };
    return receivedToken(opened.value, answer.value, { ...expected, introspection }, now());
  };

/** The grant, judged before it is handed in; refused with a phrase. */
async function grantOf(
  { issuer, client, audience, resource, at }: IdJagForm,
  provider: IssuerClient,
  wanted: CredentialWanted,
  when: number,
): Promise<Result<string, string>> {
  const subject = subjectTokenFor(wanted, issuer, client.id);
  if (!subject.ok) return subject;
  const parameters = new URLSearchParams({
    requested_token_type: ID_JAG,
    audience,
    resource,
    subject_token: subject.value,
    subject_token_type: isAccessToken(subject.value) ? ACCESS_TOKEN : ID_TOKEN,
  });
  if (wanted.scopes.length > 0) parameters.set('scope', wanted.scopes.join(' '));
  const answer = await provider.grant(TOKEN_EXCHANGE, parameters);
  if (!answer.ok) return answer;
  const { access_token: token, token_type: type, scope, expires_in: expiresIn } = answer.value;
  const wrong = (why: string) => refuse(`the grant of ${issuer} is not used: ${why}`);
  if (answer.value['issued_token_type'] !== ID_JAG) return wrong('it is of another type (issued_token_type)');
  if (type !== 'n_a') return wrong('it would be an access token (token_type)');
  const claims = await provider.claimsOf(token, TYPES);
  if (!claims.ok) return wrong(claims.error);
  const expected = {
    audiences: [audience],
    scopes: wanted.scopes,
    subject: wanted.principal.subject,
    actor: undefined,
  };
  const sound = judgeIssued(issuer, claims.value, { scope, expiresIn }, expected, when);
  if (!sound.ok) return wrong(sound.error);
  const named = z.object({ client_id: z.literal(at.client.id), resource: z.literal(resource) }).safeParse(claims.value);
  return named.success ? ok(token) : wrong(`it is for another (${named.error.issues[0]?.path[0]?.toString()})`);
}
