/**
 * Logins in the suite's scenarios about authorization. Directly the official SDK is the client; through Tollgate the agent is
 * told where its user logs in. In both the browser is played: the suite's authorization servers agree to everything.
 */
import {
  type Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import * as z from 'zod';
import { Browser } from '../support/browser.ts';

/** The suite's own document: a URL that stands for a client. */
const DOCUMENT = 'https://conformance-test.local/client-metadata.json';

/** Whether the scenario is about that document: in the others clients register. */
const byDocument = process.env['MCP_CONFORMANCE_SCENARIO'] === 'auth/basic-cimd';

/** A client that the suite has registered beforehand. */
export const registered = (): { readonly client_id: string; readonly client_secret: string } | undefined =>
  z
    .object({ client_id: z.string(), client_secret: z.string() })
    .safeParse(JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}')).data;

/** Calls until it is done, or until logging in helps no more. */
export async function callLoggedIn(agent: Client): Promise<void> {
  await agent.listTools();
  for (let tries = 0; tries < 6; tries++) {
    const result = await agent.callTool({ name: 'test-tool', arguments: {} }).catch(refusedByServer);
    const login = result?._meta?.['tollgate/login'];
    if (typeof login !== 'string' && result !== undefined) return;
    if (typeof login === 'string' && (await new Browser().open(login)).status !== 200) return;
  }
}

/** What the server refused is called again: there may be another token by then. The SDK's own client has to log in. */
function refusedByServer(error: unknown): undefined {
  if (error instanceof UnauthorizedError) throw error;
}

const MOST_LOGINS = 2;

/** The SDK's own client, which throws when its user must log in, and goes on after. */
export async function driveLoggedIn(
  url: string,
  newAgent: () => Client,
  drive: (agent: Client) => Promise<unknown>,
): Promise<void> {
  const provider = new SdkLogin();
  for (let logins = 0; ; logins++) {
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });
    const agent = newAgent();
    try {
      await agent.connect(transport);
      await drive(agent);
      return await agent.close();
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || logins === MOST_LOGINS) throw error;
      await transport.finishAuth(provider.answer);
    }
  }
}

type Kept<Name extends 'saveClientInformation' | 'saveTokens'> = Parameters<NonNullable<OAuthClientProvider[Name]>>[0];

class SdkLogin implements OAuthClientProvider {
  readonly redirectUrl = 'http://localhost:9/callback';
  readonly clientMetadataUrl?: string;
  readonly clientMetadata = {
    client_name: 'conformance-driver',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: 'native',
  };
  answer = new URLSearchParams();
  /** By issuer: at another the SDK registers anew. */
  readonly #clients = new Map<string | undefined, Kept<'saveClientInformation'>>();
  #tokens: Kept<'saveTokens'> | undefined;
  #verifier = '';

  constructor() {
    if (byDocument) this.clientMetadataUrl = DOCUMENT;
  }

  clientInformation(at?: { readonly issuer?: string }) {
    return registered() ?? this.#clients.get(at?.issuer);
  }

  saveClientInformation(client: Kept<'saveClientInformation'>, at?: { readonly issuer?: string }): void {
    this.#clients.set(at?.issuer, client);
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens: Kept<'saveTokens'>): void {
    this.#tokens = tokens;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    const response = await new Browser().visit(url.href);
    this.answer = new URL(response.headers.get('location') ?? this.redirectUrl).searchParams;
  }
}

const published = z.object({ authorization_servers: z.tuple([z.string()]) });

/** What an operator finds out about a server to write down: its authorization server. */
export async function issuerOf(url: string): Promise<string> {
  const { origin, pathname } = new URL(url);
  const response = await fetch(`${origin}/.well-known/oauth-protected-resource${pathname}`);
  return published.parse(await response.json()).authorization_servers[0];
}

/** Text of a `gateway.yaml`, and the environment in which it loads. */
export interface Deployment {
  readonly text: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What of the suite listens on loopback, so that the deployment has named it. */
export const suiteServers = (): Readonly<Record<string, { readonly url: string }>> =>
  Object.fromEntries(
    (process.env['CONFORMANCE_PORTS'] ?? '')
      .split(' ')
      .map((port) => [`suite-${port}`, { url: `http://localhost:${port}` }]),
  );

/** The deployment before a server that wants logins. */
export async function loginDeployment(url: string, era: string): Promise<Deployment> {
  const known = registered();
  const environment = { CONFORMANCE_SECRET: known?.client_secret ?? '' };
  const client = { id: known?.client_id, secret: { secret: 'env://CONFORMANCE_SECRET' } };
  const unknown = byDocument ? { client: { id: DOCUMENT } } : {};
  const login = known === undefined ? unknown : { client, issuer: await issuerOf(url) };
  return {
    text: JSON.stringify({ version: 1, servers: { judged: { url, era, credential: { login } }, ...suiteServers() } }),
    environment,
  };
}
