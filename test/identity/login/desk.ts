/** People's logins, of real parts: files, sockets, and whichever servers the test has. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Challenge, Credential, CredentialWanted } from '../../../src/domain/credential.ts';
import type { LoginTrouble } from '../../../src/domain/login.ts';
import { agentOf, type Caller, type Principal } from '../../../src/domain/principal.ts';
import type { Result } from '../../../src/domain/result.ts';
import { KeptLogins } from '../../../src/identity/login/kept-logins.ts';
import { LoginCredentials, type LoginServer } from '../../../src/identity/login/login-credentials.ts';
import { OpenLogins } from '../../../src/identity/login/open-logins.ts';
import { SealedFolder } from '../../../src/identity/login/sealed-folder.ts';
import { openSecrets } from '../../../src/identity/secrets/read-secret.ts';
import { openOutgoing } from '../../../src/outgoing/outgoing.ts';

export interface DeskOptions {
  readonly folder?: string;
  readonly key?: Uint8Array;
  readonly base?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Which origins the operator wrote; all by default. */
  readonly isWritten?: (origin: string) => boolean;
  readonly servers: Readonly<Record<string, Partial<LoginServer> & { readonly url: string }>>;
}

export interface Desk {
  readonly folder: string;
  readonly key: Uint8Array;
  readonly open: OpenLogins;
  readonly credentials: LoginCredentials;
  readonly reports: string[];
  /** Milliseconds since the epoch; moves as the test moves it. */
  clock: { at: number };
  obtain(wanted?: Partial<CredentialWanted>): ReturnType<LoginCredentials['obtain']>;
  /** The link that is given; anything else is a failed test. */
  link(wanted?: Partial<CredentialWanted>): Promise<string>;
  /** Opens a link, as whoever is signed in there. */
  start(link: string, person?: Caller): Promise<Trip>;
  /** Comes back; what `answer` says not stands in for what an honest authorization server says. */
  comeBack(trip: Trip, answer?: Readonly<Record<string, string | undefined>>, person?: Caller): Promise<Came>;
  logIn(wanted?: Partial<CredentialWanted>): Promise<Credential>;
  refuse(credential: Credential, challenge?: Challenge): void;
}

export type Came = Result<string, LoginTrouble>;
export interface Trip {
  readonly url: URL;
  readonly cookie: { readonly name: string; readonly value: string };
}

export const ADA = agentOf('ada');

export const wantedOf = (more: Partial<CredentialWanted> = {}): CredentialWanted => ({
  server: 'crm',
  session: 's_1',
  principal: ADA,
  scopes: [],
  subjectToken: undefined,
  ...more,
});

export const callerOf = (principal: Principal): Caller => ({
  principal,
  groups: [],
  scopes: [],
  sid: undefined,
  tokenClaims: new Map(),
});

export function desk({
  folder,
  key = randomBytes(32),
  base,
  environment = {},
  isWritten = () => true,
  servers,
}: DeskOptions): Desk {
  const at = folder ?? mkdtempSync(join(tmpdir(), 'tollgate-'));
  const reports: string[] = [];
  const report = (line: string) => void reports.push(line);
  const clock = { at: Date.now() };
  const now = () => clock.at;
  const outgoing = openOutgoing({ isWritten });
  onTestFinished(async () => {
    await outgoing.close();
    rmSync(at, { recursive: true, force: true });
  });
  const kept = new KeptLogins(new SealedFolder(join(at, 'logins'), key));
  const parts = { outgoing, kept, readSecret: openSecrets({ environment, platform: process.platform }), now, report };
  const newSecret = () => randomBytes(32).toString('base64url');
  const open = new OpenLogins({ ...parts, base: () => new URL(base ?? 'http://127.0.0.1:7411/mcp'), newSecret });
  const unsaid = { era: undefined, issuer: undefined, client: undefined, scopes: undefined };
  const known = new Map(Object.entries(servers).map(([name, server]) => [name, { ...unsaid, ...server }]));
  const credentials = new LoginCredentials({ ...parts, open, servers: known });
  const own: Desk = {
    folder: at,
    key,
    open,
    credentials,
    reports,
    clock,
    obtain: (wanted) => credentials.obtain(wantedOf(wanted)),
    link: async (wanted) => {
      const none = await own.obtain(wanted);
      if (none.ok || none.error.kind !== 'login') throw new Error(`no link: ${JSON.stringify(none)}`);
      return none.error.url;
    },
    start: async (link, person) => {
      const started = await open.start(link.slice(link.lastIndexOf('/') + 1), person);
      if (!started.ok) throw new Error(`not started: ${started.error}`);
      return { url: new URL(started.value.location), cookie: started.value.cookie };
    },
    comeBack: ({ url, cookie }, answer = {}, person) => {
      const sound = { state: url.searchParams.get('state') ?? '', code: 'a code', iss: issuerOf(url) };
      const said = Object.entries({ ...sound, ...answer }).filter(([, value]) => value !== undefined);
      const given = new URLSearchParams(said as [string, string][]);
      return open.finish(given, (name) => (name === cookie.name ? cookie.value : undefined), person);
    },
    logIn: async (wanted) => {
      const came = await own.comeBack(await own.start(await own.link(wanted)));
      if (!came.ok) throw new Error(`not logged in: ${came.error}\n${reports.join('\n')}`);
      const obtained = await own.obtain(wanted);
      if (!obtained.ok || obtained.value === undefined) throw new Error(`no credential: ${JSON.stringify(obtained)}`);
      return obtained.value;
    },
    refuse: (credential, challenge) => credentials.refused(wantedOf(), credential, challenge),
  };
  return own;
}

/** Of the hand-made authorization servers, whose authorization endpoint is `/authorize` below their issuer. */
const issuerOf = ({ href }: URL): string => href.slice(0, href.indexOf('/authorize'));
