/** A token for this gateway itself (RFC 6749, section 4.4): the server knows nobody but us. */
import type { ClientCredentialsForm } from '../../domain/credential-form.ts';
import { receivedToken } from './received-token.ts';
import { type Fetch, failed, type Sources } from './source.ts';

export const clientCredentials =
  (form: ClientCredentialsForm, { clients, now }: Sources): Fetch =>
  async (wanted) => {
    const { issuer, client, resource, introspection } = form;
    const scopes = wanted.scopes.length > 0 ? wanted.scopes : form.scopes;
    const opened = await clients.of(issuer, client);
    if (!opened.ok) return failed(opened.error);
    const parameters = new URLSearchParams();
    if (resource !== undefined) parameters.set('resource', resource);
    if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
    const answer = await opened.value.grant('client_credentials', parameters);
    if (!answer.ok) {
      clients.forget(issuer, client);
      return failed(answer.error);
    }
    const audiences = resource === undefined ? [] : [resource];
    const expected = { audiences, scopes, subject: undefined, actor: undefined, introspection };
    return receivedToken(opened.value, answer.value, expected, now());
  };
