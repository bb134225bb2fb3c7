/** All credentials of a deployment's servers: those that the gateway has or gets by itself, and people's own logins. */
import { randomBytes } from 'node:crypto';
import type { Logins } from '../domain/login.ts';
import { credentialOf } from '../domain/policy.ts';
import { type CredentialsOptions, openCredentials, ownCredentials } from './credentials/open-credentials.ts';
import type { KeptCredentials } from './credentials/session-credentials.ts';
import { secretKey } from './keys.ts';
import { KeptLogins } from './login/kept-logins.ts';
import { LoginCredentials, type LoginServer } from './login/login-credentials.ts';
import { OpenLogins } from './login/open-logins.ts';
import { SealedFolder } from './login/sealed-folder.ts';

export interface EveryCredentialOptions extends CredentialsOptions {
  readonly home: { readonly logins: string; readonly keys: string };
  /** Our own URL, as browsers reach it. */
  readonly base: () => URL;
}

/** Throws `KeyFault` where the key of the logins, or their folder, cannot be used. */
export function credentialsOf({ home, base, ...options }: EveryCredentialOptions): {
  readonly credentials: KeptCredentials;
  /** What connections show of themselves. */
  readonly own: ReturnType<typeof ownCredentials>;
  readonly logins: Logins;
} {
  const others = openCredentials(options);
  const kept = new KeptLogins(new SealedFolder(home.logins, secretKey(home.keys, 'logins')));
  const newSecret = () => randomBytes(32).toString('base64url');
  const logins = new OpenLogins({ ...options, kept, base, newSecret });
  const servers = new Map<string, LoginServer>();
  for (const [name, address] of options.servers) {
    const form = credentialOf(address);
    if (address.kind === 'http' && form?.kind === 'login')
      servers.set(name, { ...form, url: address.url, era: address.era });
  }
  const people = new LoginCredentials({ ...options, servers, kept, open: logins });
  const of = (server: string) => (servers.has(server) ? people : others);
  const credentials: KeptCredentials = {
    obtain: (wanted) => of(wanted.server).obtain(wanted),
    refused: (wanted, ...how) => of(wanted.server).refused(wanted, ...how),
    sessions: () => others.sessions(),
    leave: async (session) => {
      await people.leave(session);
      await others.leave(session);
    },
  };
  return { credentials, own: ownCredentials(credentials), logins };
}
