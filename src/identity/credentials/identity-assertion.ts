/**
 * Enterprise-Managed Authorization: the caller's identity provider says in a grant (ID-JAG) that its user may be served, and the
 * server's own issuer gives a token for it. Two issuers, both named by the deployment.
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import type { CredentialWanted } from '../../domain/credential.ts';
import type { IdJagForm } from '../../domain/credential-form.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { judgeIssued } from './issued-token.ts';
import { type IssuerClient, isJwt } from './issuer-client.ts';
import { ACCESS_TOKEN, receivedToken } from './received-token.ts';
import { type Fetch, failed, type Sources } from './source.ts';
import { isAccessToken, localSubject, subjectTokenFor } from './subject-token.ts';
import { TOKEN_EXCHANGE } from './token-exchange.ts';

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export const identityAssertion =
  (form: IdJagForm, { clients, readSecret, now }: Sources): Fetch =>
  async (wanted) => {
    const { issuer, client, resource, at, introspection } = form;
    const presented = await subjectOf(form, wanted, readSecret);
    if (!presented.ok) return failed(presented.error);
    const provider = await clients.of(issuer, client);
    if (!provider.ok) return failed(provider.error);
    const assertion = await grantOf(form, provider.value, { ...presented.value, scopes: wanted.scopes }, now());
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

interface Presented {
  readonly token: string;
  /** Whose it is. */
  readonly subject: string;
}

async function subjectOf(
  { issuer, client, subject }: IdJagForm,
  wanted: CredentialWanted,
  readSecret: Sources['readSecret'],
): Promise<Result<Presented, string>> {
  if (subject !== undefined) return localSubject(subject, wanted, readSecret);
  const token = subjectTokenFor(wanted, issuer, client.id);
  return token.ok ? ok({ token: token.value, subject: wanted.principal.subject }) : token;
}

/**
 * The grant, judged before it is handed in; refused with a phrase. That it is the provider's is settled by where it came from:
 * its token endpoint, over TLS (OpenID Connect Core, section 3.1.3.7, 6). Whom it is for checks the signature.
 */
async function grantOf(
  { issuer, audience, resource, at }: IdJagForm,
  provider: IssuerClient,
  { token: presented, subject, scopes }: Presented & Pick<CredentialWanted, 'scopes'>,
  when: number,
): Promise<Result<string, string>> {
  const parameters = new URLSearchParams({
    requested_token_type: ID_JAG,
    audience,
    resource,
    subject_token: presented,
    subject_token_type: isAccessToken(presented) ? ACCESS_TOKEN : ID_TOKEN,
  });
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
  const answer = await provider.grant(TOKEN_EXCHANGE, parameters);
  if (!answer.ok) return answer;
  const { access_token: token, token_type: type, scope, expires_in: expiresIn } = answer.value;
  const wrong = (why: string) => refuse(`the grant of ${issuer} is not used: ${why}`);
  if (answer.value['issued_token_type'] !== ID_JAG) return wrong('it is of another type (issued_token_type)');
  if (type !== 'n_a') return wrong('it would be an access token (token_type)');
  if (!isJwt(token) || !isGrant(decodeProtectedHeader(token))) return wrong('it is a token of another kind (typ)');
  const claims = decodeJwt(token);
  const expected = { audiences: [audience], scopes, subject, actor: undefined };
  const sound = judgeIssued(issuer, claims, { scope, expiresIn }, expected, when);
  if (!sound.ok) return wrong(sound.error);
  const named = z.object({ client_id: z.literal(at.client.id), resource: z.literal(resource) }).safeParse(claims);
  return named.success ? ok(token) : wrong(`it is for another (${named.error.issues[0]?.path[0]?.toString()})`);
}

const isGrant = ({ typ }: { readonly typ?: string }): boolean =>
  typ?.toLowerCase().replace(/^application\//, '') === 'oauth-id-jag+jwt';
