import { randomBytes } from 'node:crypto';
import type { Logins } from '../../domain/login.ts';
import type { Servers } from '../../domain/policy.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import { secretKey } from '../keys.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import { KeptLogins } from './kept-logins.ts';
import { LoginCredentials, type LoginServer } from './login-credentials.ts';
import { OpenLogins } from './open-logins.ts';
import { SealedFolder } from './sealed-folder.ts';

interface LoginParts {
  /** By server, as the operator wrote it. */
  readonly logins: ReadonlyMap<string, Omit<LoginServer, 'url' | 'era'>>;
  readonly servers: Servers;
  readonly home: { readonly logins: string; readonly keys: string };
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly readSecret: ReadSecret;
  readonly base: () => URL;
  readonly now: () => number;
  readonly report: (line: string) => void;
}

/** People's logins on this home. Throws `KeyFault` where the key or the folder cannot be used. */
export function openLoginCredentials({ logins, servers, home, ...parts }: LoginParts): {
  readonly credentials: LoginCredentials;
  readonly logins: Logins;
} {
  const kept = new KeptLogins(new SealedFolder(home.logins, secretKey(home.keys, 'logins')));
  const open = new OpenLogins({ ...parts, kept, newSecret: () => randomBytes(32).toString('base64url') });
  const known = new Map<string, LoginServer>();
  for (const [name, settings] of logins) {
    const address = servers.get(name);
    if (address?.kind === 'http') known.set(name, { ...settings, url: address.url, era: address.era });
  }
  return { credentials: new LoginCredentials({ ...parts, servers: known, kept, open }), logins: open };
}
