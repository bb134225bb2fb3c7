/** Where this deployment's own files lie: keys, token, ledger, socket. One folder, readable by Tollgate's user only. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Home {
  readonly folder: string;
  /** What loopback HTTP asks for, 0600. */
  readonly token: string;
  /** What the API asks a person of this machine for, 0600. */
  readonly apiToken: string;
  /** One key a purpose, 0600. */
  readonly keys: string;
  /** One file a person. */
  readonly approvers: string;
  /** What people's logins at servers gave us, a sealed file each. */
  readonly logins: string;
  readonly ledger: string;
  /** Exports of archived sessions, a file each, where the deployment names no other folder. */
  readonly archive: string;
  /** A folder a session, by its id: what `${session.dir}` stands for. */
  readonly sessions: string;
  /** Fetched packages, each in a folder named by its version and integrity. */
  readonly packages: string;
  /** Names the ledger that the gateway last used, where the deployment keeps it elsewhere. */
  readonly ledgerNote: string;
  /** The servers that gateway.yaml called production when the gateway last started, a line each. */
  readonly productionNote: string;
  /** The URL of the MCP endpoint of the gateway that ran last. */
  readonly address: string;
  /** The 0600 socket of the running gateway. */
  readonly socket: string;
  /** Locked by the running gateway, released by its death. */
  readonly ownerLock: string;
  /** What a gateway that a shim started prints. */
  readonly log: string;
}

/** The folder named by TOLLGATE_HOME, or `~/.tollgate`. */
export function homeOf(environment: Readonly<Record<string, string | undefined>>): Home {
  const folder = resolve(environment['TOLLGATE_HOME'] ?? join(homedir(), '.tollgate'));
  return {
    folder,
    token: join(folder, 'token'),
    apiToken: join(folder, 'api-token'),
    keys: join(folder, 'keys'),
    approvers: join(folder, 'approvers'),
    logins: join(folder, 'logins'),
    archive: join(folder, 'archive'),
    sessions: join(folder, 'sessions'),
    packages: join(folder, 'packages'),
    ledger: join(folder, 'tollgate.db'),
    ledgerNote: join(folder, 'ledger'),
    productionNote: join(folder, 'production'),
    address: join(folder, 'address'),
    socket: join(folder, 'gateway.sock'),
    ownerLock: join(folder, 'owner.lock'),
    log: join(folder, 'gateway.log'),
  };
}
