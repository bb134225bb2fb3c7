/** Metadata of an authorization server (RFC 8414, OpenID Connect Discovery 1.0), and what must be true of it before it is used. */
import { z } from 'zod';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import { askableUrl, readDocument } from './metadata.ts';

const shape = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  registration_endpoint: z.string().optional(),
  scopes_supported: z.array(z.string()).optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  client_id_metadata_document_supported: z.boolean().optional(),
  id_token_signing_alg_values_supported: z.array(z.string()).optional(),
});

export type AuthorizationServer = z.infer<typeof shape>;

/** `server`: whose authorization server it is. Refused with a phrase for the operator. */
export async function discoverAuthorizationServer(
  outgoing: Pick<Outgoing, 'fetch'>,
  issuer: string,
  server: URL,
): Promise<Result<AuthorizationServer, string>> {
  const url = askableUrl(issuer, server);
  if (url === undefined || url.search !== '') return refuse(`${issuer.slice(0, 200)} is no issuer that may be asked`);
  for (const place of placesOf(url)) {
    const read = await readDocument(outgoing, new URL(place), shape);
    if (!read.ok) return read;
    if (read.value !== undefined) return judged(read.value, issuer, server);
  }
  return refuse(`${issuer} publishes no metadata`);
}

/** In the order of 2026-07-28, basic/authorization/authorization-server-discovery. */
function placesOf({ origin, pathname }: URL): readonly string[] {
  const path = pathname.replace(/\/$/, '');
  const first = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
  ];
  return path === '' ? first : [...first, `${origin}${path}/.well-known/openid-configuration`];
}

function judged(found: AuthorizationServer, issuer: string, server: URL): Result<AuthorizationServer, string> {
  // RFC 8414 3.3: identical, or it is not used.
  if (found.issuer !== issuer) return refuse(`the metadata of ${issuer} is of another issuer`);
  const endpoints = [found.authorization_endpoint, found.token_endpoint, found.registration_endpoint ?? issuer];
  if (!endpoints.every((endpoint) => askableUrl(endpoint, server) !== undefined))
    return refuse(`an endpoint of ${issuer} is no URL that may be asked`);
  return found.code_challenge_methods_supported?.includes('S256') === true
    ? ok(found)
    : refuse(`${issuer} does not say that it supports PKCE with S256`);
}
