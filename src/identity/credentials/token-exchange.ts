/** Token exchange (RFC 8693), always delegation: the token speaks for the caller, and says that we act. */
import { decodeJwt } from 'jose';
import type { ExchangeForm } from '../../domain/credential-form.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import { isJwt } from './issuer-client.ts';
import { ACCESS_TOKEN, JWT, receivedToken } from './received-token.ts';
import { type Fetch, failed, type Sources } from './source.ts';
import { subjectTokenFor } from './subject-token.ts';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

export const tokenExchange =
  (form: ExchangeForm, { clients, readSecret, now }: Sources): Fetch =>
  async (wanted) => {
    const { issuer, client, audience, resource, introspection } = form;
    const subject = subjectTokenFor(wanted, issuer, client.id);
    if (!subject.ok) return failed(subject.error);
    const actor = await actorOf(form, readSecret);
    if (!actor.ok) return failed(actor.error);
    const opened = await clients.of(issuer, client);
    if (!opened.ok) return failed(opened.error);
    const parameters = new URLSearchParams({
      subject_token: subject.value,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
      audience,
    });
    if (resource !== undefined) parameters.set('resource', resource);
    if (wanted.scopes.length > 0) parameters.set('scope', wanted.scopes.join(' '));
    if (actor.value.token !== undefined) {
      parameters.set('actor_token', actor.value.token);
      parameters.set('actor_token_type', JWT);
    }
    const answer = await opened.value.grant(TOKEN_EXCHANGE, parameters);
    if (!answer.ok) {
      clients.forget(issuer, client);
      return failed(answer.error);
    }
    const type = answer.value['issued_token_type'];
    if (type !== ACCESS_TOKEN && type !== JWT)
      return failed(`what ${issuer} issued is not used: it is no access token (issued_token_type)`);
    const expected = {
      audiences: resource === undefined ? [audience] : [audience, resource],
      scopes: wanted.scopes,
      subject: wanted.principal.subject,
      actor: actor.value.name,
      introspection,
    };
    return receivedToken(opened.value, answer.value, expected, now());
  };

/** Who acts: this gateway by its client, or whom a token names that stands for it. */
async function actorOf(
  { actor, client }: ExchangeForm,
  readSecret: ReadSecret,
): Promise<Result<{ readonly token: string | undefined; readonly name: string }, string>> {
  if (actor === undefined) return ok({ token: undefined, name: client.id });
  const secret = await readSecret(actor);
  if (!secret.ok) return secret;
  const token = secret.value.reveal();
  const name = isJwt(token) ? decodeJwt(token).sub : undefined;
  return name === undefined ? refuse('the token that says who acts is no JWT with a subject') : ok({ token, name });
}
