/** The credentials of a deployment's servers but for people's own logins: each form by its own source, all kept alike. */
import type { Credential } from '../../domain/credential.ts';
import { type CredentialForm, isOfSubject, type LoginForm } from '../../domain/credential-form.ts';
import { credentialOf, type Servers } from '../../domain/policy.ts';
import { type Principal, personCaller } from '../../domain/principal.ts';
import { type Result, refuse } from '../../domain/result.ts';
import { toldSeldom } from '../told-seldom.ts';
import { clientCredentials } from './client-credentials.ts';
import { identityAssertion } from './identity-assertion.ts';
import type { IssuerOptions } from './issuer-client.ts';
import { IssuerClients } from './issuer-clients.ts';
import { type KeptCredentials, SessionCredentials, type Source } from './session-credentials.ts';
import type { Fetch, Sources } from './source.ts';
import { storedSecret } from './stored-secret.ts';
import { tokenExchange } from './token-exchange.ts';

export interface CredentialsOptions extends Omit<IssuerOptions, 'within'> {
  readonly servers: Servers;
  /** How long an issuer may take for an answer; ten seconds by default. Milliseconds. */
  readonly within?: number;
  readonly report: (line: string) => void;
}

/** Milliseconds. */
const ANSWERED_WITHIN = 10_000;

/** Nothing is resolved, read or asked before it is needed. */
export function openCredentials({
  servers,
  report,
  within = ANSWERED_WITHIN,
  ...options
}: CredentialsOptions): KeptCredentials {
  const { readSecret, now } = options;
  const parts: Sources = { clients: new IssuerClients({ ...options, within }), readSecret, now };
  const sources = new Map<string, Source>();
  for (const [server, address] of servers) {
    const form = credentialOf(address);
    if (form !== undefined && form.kind !== 'login')
      sources.set(server, { fetch: fetchOf(form, parts), isOfCallers: isOfSubject(form) });
  }
  const tell = toldSeldom(report, now);
  return new SessionCredentials({ sources, now, report: (server, why) => tell(`${server}: ${why}`) });
}

function fetchOf(form: Exclude<CredentialForm, LoginForm>, parts: Sources): Fetch {
  switch (form.kind) {
    case 'exchange':
      return tokenExchange(form, parts);
    case 'id_jag':
      return identityAssertion(form, parts);
    case 'client_credentials':
      return clientCredentials(form, parts);
    case 'header':
      return storedSecret(form, parts);
  }
}

/** In whose name connections ask for what is no caller's. */
const GATEWAY: Principal = personCaller('gateway').principal;

/** What connections show of themselves, where that is no caller's: for handshakes, lists and streams. */
export const ownCredentials = (credentials: KeptCredentials) => {
  const wanted = (server: string, session: string) => ({
    server,
    session,
    principal: GATEWAY,
    scopes: [],
    subjectToken: undefined,
  });
  type Had = Result<Credential | undefined, string>;
  const had = (obtained: Awaited<ReturnType<KeptCredentials['obtain']>>): Had => {
    if (obtained.ok) return obtained;
    return refuse(obtained.error.kind === 'failed' ? obtained.error.why : 'nobody has logged in there');
  };
  return {
    obtain: (server: string, session: string): Had | Promise<Had> => {
      const obtained = credentials.obtain(wanted(server, session));
      return obtained instanceof Promise ? obtained.then(had) : had(obtained);
    },
    refused: (server: string, session: string, credential: Credential): void =>
      credentials.refused(wanted(server, session), credential),
  };
};
