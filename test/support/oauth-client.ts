/** A client's own memory of OAuth, as the SDK of the newer line asks for it, and the person who logs in for it. */
import {
  Client,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { type AuthorizationServer, signIn } from './authorization-server.ts';

const BACK = 'http://127.0.0.1:9/back';

type Stored<Name extends 'clientInformation' | 'tokens'> = Awaited<ReturnType<OAuthClientProvider[Name]>>;

export class OAuthDesk implements OAuthClientProvider {
  readonly redirectUrl = BACK;
  readonly clientMetadata = {
    client_name: 'Desk',
    redirect_uris: [BACK],
    grant_types: ['authorization_code'],
    response_types: ['code' as const],
    token_endpoint_auth_method: 'none' as const,
    application_type: 'native' as const,
  };
  readonly clientMetadataUrl?: string;
  /** Where the person was sent, oldest first. */
  readonly sent: URL[] = [];
  /** What the person grants of what is asked for; undefined: all of it. */
  grants: string | undefined;
  #client: Stored<'clientInformation'>;
  #tokens: Stored<'tokens'>;
  #verifier = '';
  #found: OAuthDiscoveryState | undefined;

  /** `client`: registered before. `metadataUrl`: where a document says what it is. */
  constructor(client?: { readonly client_id: string }, metadataUrl?: string) {
    this.#client = client;
    if (metadataUrl !== undefined) this.clientMetadataUrl = metadataUrl;
  }

  clientInformation(): Stored<'clientInformation'> {
    return this.#client;
  }

  saveClientInformation(client: Stored<'clientInformation'>): void {
    this.#client = client;
  }

  tokens(): Stored<'tokens'> {
    return this.#tokens;
  }

  saveTokens(tokens: Stored<'tokens'>): void {
    this.#tokens = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.sent.push(new URL(url));
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#found = state;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#found;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  /** The person follows the last link as `login`; where the browser was sent back to then. */
  async logIn(server: Pick<AuthorizationServer, 'issuer'>, login: string): Promise<URLSearchParams> {
    const url = this.sent.at(-1);
    if (url === undefined) throw new Error('nobody was sent to log in');
    if (this.grants !== undefined) url.searchParams.set('scope', this.grants);
    return new URL(await signIn(server, url.href, login)).searchParams;
  }
}

/** Connects to `url`; where that takes a login, the person `login` does it. */
export async function connectAs(
  desk: OAuthDesk,
  url: string,
  server: Pick<AuthorizationServer, 'issuer'>,
  login: string,
): Promise<{ readonly client: Client; readonly transport: StreamableHTTPClientTransport }> {
  for (let attempt = 1; ; attempt++) {
    const client = new Client({ name: 'desk', version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: desk });
    try {
      await client.connect(transport);
      return { client, transport };
    } catch (fault) {
      if (!(fault instanceof UnauthorizedError) || attempt > 1) throw fault;
      await transport.finishAuth(await desk.logIn(server, login));
    }
  }
}
