import { askable } from '../domain/abilities.ts';
import type { InSession } from '../domain/call.ts';
import type { Definition } from '../domain/contract.ts';
import type {
  Carried,
  Challenge,
  Credential,
  Credentials,
  CredentialWanted,
  NoCredential,
} from '../domain/credential.ts';
import type { Downstream } from '../domain/downstream.ts';
import type { Connection } from '../domain/exchange.ts';
import { connectionOwner, SHARED } from '../domain/policy.ts';
import type { Ledger } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { notConnected } from './stopped.ts';

const FOR_ALL = 'a connection that serves all sessions carries no credential of one';

/** Whose connection is made ready, as far as that takes. */
export type Connecting = Pick<InSession, 'id' | 'session' | 'principal' | 'profile' | 'abilities'>;

export interface ConnectingParts {
  readonly downstream: Pick<Downstream, 'connect'>;
  readonly credentials: Credentials;
  readonly ledger: Ledger;
}

/** What a credential is wanted for. */
export const wantedBy = ({ session, principal }: Connecting, server: string): CredentialWanted => ({
  server,
  session: session.id,
  principal,
  scopes: [],
  subjectToken: undefined,
});

/** A credential on its way for this call: what the server says of it is told to whoever gave it. */
export const carriedFor = (credentials: Credentials, wanted: CredentialWanted, credential: Credential): Carried => ({
  credential,
  refused: (challenge: Challenge) => credentials.refused(wanted, credential, challenge),
});

/**
 * The session's own connection to the server, ready to send on, and the credential that goes along. A credential that the
 * server refuses at the handshake is asked for once more: there may be another by then, or a way for the person to get one.
 */
export async function connected(
  call: Connecting,
  server: string,
  { downstream, credentials, ledger }: ConnectingParts,
): Promise<Result<{ readonly connection: Connection; readonly credential: Credential | undefined }, Refusal>> {
  const wanted = wantedBy(call, server);
  const owner = connectionOwner(call.profile, server, call.session.id);
  const abilities = askable(call.abilities, call.profile.asks.get(server));
  for (let before: Credential | undefined; ; ) {
    const obtained = await credentials.obtain(wanted);
    if (!obtained.ok) return refuse(noCredential(server, obtained.error));
    const credential = obtained.value;
    if (credential !== undefined && owner === SHARED) return refuse({ reason: 'no_credential', server, why: FOR_ALL });
    const carried = credential && carriedFor(credentials, wanted, credential);
    const made = await downstream.connect(server, owner, abilities, carried);
    if (made.ok) return ok({ connection: made.value, credential });
    if (credential === undefined || before !== undefined) return refuse(await notConnected(ledger, call, made.error));
    const next = await credentials.obtain(wanted);
    if (!next.ok) return refuse(noCredential(server, next.error));
    if (next.value === credential) return refuse(await notConnected(ledger, call, made.error));
    before = credential;
  }
}

/** What a server describes. One that tells strangers nothing is asked on the session's own connection, with its credential. */
export async function definitionsFor(
  call: Connecting,
  server: string,
  kind: Definition['kind'],
  parts: ConnectingParts & { readonly downstream: Pick<Downstream, 'definitions'> },
): Promise<Result<readonly Definition[], Refusal>> {
  const { downstream, credentials, ledger } = parts;
  const told = await downstream.definitions(server, kind);
  if (told.ok) return told;
  const obtained = await credentials.obtain(wantedBy(call, server));
  if (obtained.ok && obtained.value === undefined) return refuse(await notConnected(ledger, call, told.error));
  const own = await connected(call, server, parts);
  if (!own.ok) return own;
  const again = await downstream.definitions(server, kind);
  return again.ok ? again : refuse(await notConnected(ledger, call, again.error));
}

const noCredential = (server: string, none: NoCredential): Refusal =>
  none.kind === 'login'
    ? { reason: 'no_credential', server, why: 'its person has to log in', login: none.url }
    : { reason: 'no_credential', server, why: none.why };
