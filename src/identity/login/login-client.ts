/** Who we are to an authorization server: a client that the operator wrote down, our own document, or one that we register. */
import { z } from 'zod';
import { CLIENT_PATH } from '../../domain/login.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { Secret } from '../../domain/secret.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import type { KeptLogins, KnownClient } from './kept-logins.ts';
import { wordsOf } from './metadata.ts';

/** As the operator wrote it. */
export interface FixedClient {
  readonly id: string;
  /** A reference; undefined: a public client. */
  readonly secret: string | undefined;
}

export interface ClientParts {
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly kept: KeptLogins;
  readonly readSecret: ReadSecret;
}

/** Where our own pages lie, and where we have people sent back to. */
export interface OwnPlaces {
  readonly base: URL;
  readonly redirectUri: string;
}

const GRANTS = ['authorization_code', 'refresh_token'];

/** What every authorization server is told of us (RFC 7591 2; SEP-837: `application_type`). */
const metadataOf = ({ base, redirectUri }: OwnPlaces, auth: KnownClient['auth']) => ({
  client_name: 'Tollgate',
  redirect_uris: [redirectUri],
  grant_types: GRANTS,
  response_types: ['code'],
  token_endpoint_auth_method: auth,
  application_type: base.protocol === 'https:' ? 'web' : 'native',
});

/** Our Client ID Metadata Document; undefined where nobody else could read it. */
export const clientDocumentOf = (own: OwnPlaces) =>
  own.base.protocol === 'https:' ? { client_id: documentUrl(own), ...metadataOf(own, 'none') } : undefined;

const documentUrl = ({ base }: OwnPlaces): string => `${base.origin}${CLIENT_PATH}`;

const isDocument = (id: string): boolean => URL.parse(id)?.protocol === 'https:';

/** The client to go with, in the order of 2026-07-28, basic/authorization/client-registration. Refused with a phrase. */
export async function clientFor(
  fixed: FixedClient | undefined,
  authority: AuthorizationServer,
  own: OwnPlaces,
  { outgoing, kept, readSecret }: ClientParts,
): Promise<Result<KnownClient, string>> {
  const takesDocuments = authority.client_id_metadata_document_supported === true;
  if (fixed !== undefined && (takesDocuments || fixed.secret !== undefined || !isDocument(fixed.id))) {
    if (fixed.secret === undefined) return ok({ id: fixed.id, auth: 'none' });
    const secret = await readSecret(fixed.secret);
    return secret.ok ? ok({ id: fixed.id, secret: secret.value, auth: authOf(authority) }) : secret;
  }
  if (takesDocuments && own.base.protocol === 'https:') return ok({ id: documentUrl(own), auth: 'none' });
  const registered = kept.client(authority.issuer, own.redirectUri);
  if (registered !== undefined) return ok(registered);
  if (authority.registration_endpoint === undefined)
    return refuse(`${authority.issuer} registers no clients: write one that it knows under login.client`);
  const made = await register(outgoing, authority, authority.registration_endpoint, own);
  if (made.ok) kept.keepClient(authority.issuer, own.redirectUri, made.value);
  return made;
}

const METHODS = ['client_secret_basic', 'client_secret_post', 'none'] as const;

/** How a client proves itself; unsaid is Basic (RFC 8414 2). */
const authOf = ({ token_endpoint_auth_methods_supported: supported }: AuthorizationServer): KnownClient['auth'] =>
  METHODS.find((method) => supported?.includes(method) ?? true) ?? 'client_secret_basic';

const registration = z.object({
  client_id: z.string().min(1),
  client_secret: z.string().min(1).optional(),
  token_endpoint_auth_method: z.enum(METHODS).optional(),
});

/** RFC 7591 3. */
async function register(
  { fetch }: Pick<Outgoing, 'fetch'>,
  authority: AuthorizationServer,
  endpoint: string,
  own: OwnPlaces,
): Promise<Result<KnownClient, string>> {
  const wanted = authOf(authority);
  const where = `${authority.issuer} does not register us`;
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(metadataOf(own, wanted)),
    });
    const text = await response.text();
    if (response.status !== 201 && response.status !== 200) return refuse(`${where}: HTTP ${response.status}`);
    const read = registration.safeParse(JSON.parse(text));
    if (!read.success) return refuse(`${where}: its answer is not sound`);
    const { client_id: id, client_secret: secret, token_endpoint_auth_method: said = wanted } = read.data;
    if (said === 'none' || secret === undefined) return ok({ id, auth: 'none' });
    return ok({ id, secret: new Secret(secret), auth: said });
  } catch (fault) {
    return refuse(`${where}: ${fault instanceof SyntaxError ? 'its answer is no JSON' : wordsOf(fault)}`);
  }
}
