/** Credentials of one server, by a real authorization server. */
import { onTestFinished } from 'vitest';
import type { CredentialWanted } from '../../../src/domain/credential.ts';
import type { CredentialForm } from '../../../src/domain/credential-form.ts';
import type { Servers } from '../../../src/domain/policy.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { openCredentials } from '../../../src/identity/credentials/open-credentials.ts';
import type { KeptCredentials } from '../../../src/identity/credentials/session-credentials.ts';
import { openSecrets } from '../../../src/identity/secrets/read-secret.ts';
import { openOutgoing } from '../../../src/outgoing/outgoing.ts';
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from '../../support/authorization-server.ts';

export const CRM = 'https://crm.example.com/mcp';
export const TOOLS = 'https://tools.example.com/mcp';
export const SECRET = 'a secret of thirty-two characters';
export const SCOPES = ['cases:read', 'replies:send'];
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

export const clientOf = (id: string, ...grants: readonly string[]) => ({
  client_id: id,
  client_secret: SECRET,
  grant_types: [...grants],
  redirect_uris: [],
  response_types: [],
});

export async function issuerWith(options: Partial<AuthorizationServerOptions> = {}): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer({
    resources: { [CRM]: { scopes: SCOPES } },
    clients: [clientOf('gateway', 'client_credentials', TOKEN_EXCHANGE)],
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

export interface Opened {
  readonly credentials: KeptCredentials;
  readonly reports: readonly string[];
}

interface OpenedOptions {
  readonly now?: () => number;
  /** How long an issuer may take. */
  readonly within?: number;
  /** What there is beside the usual secrets. */
  readonly environment?: Readonly<Record<string, string>>;
}

export function opened(form: CredentialForm, { now = Date.now, within, environment }: OpenedOptions = {}): Opened {
  const outgoing = openOutgoing({ isWritten: () => true });
  onTestFinished(() => outgoing.close());
  const servers: Servers = new Map([
    ['crm', { kind: 'http', url: 'http://127.0.0.1:9/mcp', era: undefined, credential: form }],
  ]);
  const reports: string[] = [];
  const credentials = openCredentials({
    servers,
    outgoing,
    readSecret: openSecrets({
      environment: { GATEWAY_SECRET: SECRET, KEPT: 'kept-key', ...environment },
      platform: process.platform,
    }),
    now,
    ...(within === undefined ? {} : { within }),
    report: (line) => void reports.push(line),
  });
  return { credentials, reports };
}

export const CLIENT = { id: 'gateway', secret: 'env://GATEWAY_SECRET' } as const;

export const exchangeAt = (issuer: string, more: object = {}): CredentialForm => ({
  kind: 'exchange',
  issuer,
  audience: CRM,
  resource: undefined,
  client: CLIENT,
  actor: undefined,
  introspection: false,
  ...more,
});

/** What a session of ada's wants, with a token that may both scopes. */
export async function wantedOf(
  server: AuthorizationServer,
  more: Partial<CredentialWanted> = {},
  claims: Readonly<Record<string, unknown>> = {},
): Promise<CredentialWanted> {
  const token = await server.token({ aud: TOOLS, scope: SCOPES.join(' '), ...claims });
  return {
    server: 'crm',
    session: 's_one',
    principal: principalOf(server, 'ada'),
    scopes: ['cases:read'],
    subjectToken: new Secret(token),
    ...more,
  };
}

export const principalOf = (server: AuthorizationServer, subject: string): Principal => ({
  issuer: server.issuer,
  subject,
  client: 'desk',
  actors: [],
  tenant: server.issuer,
});

export const asked = (server: AuthorizationServer, path = '/token'): number =>
  server.seen.filter((one) => one.path === path).length;
