/** A gateway where people sign in at a real authorization server, and what a browser of one of them does. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { type ApiAnswered, type ApiAsked, ask } from './api-posts.ts';
import { type AuthorizationServer, signIn, startAuthorizationServer } from './authorization-server.ts';
import { until } from './downstream.ts';
import { environmentOf, type RunningGateway, run, startGateway } from './gateway.ts';
import { enrolPerson, visit } from './person.ts';
import { legacyCall, post, textOf } from './posts.ts';
import { type RecordingServer, recordingServer } from './recording-server.ts';

export const MCP = 'https://tools.example.com/mcp';
export const API = 'https://tools.example.com/api';
export const SECRET = 'a secret of thirty-two characters';

/** The first one is known by the passphrase of `enrolPerson`. */
export const FIRST = { name: 'root', passphrase: 'correct horse' };

export interface PeoplesGateway {
  readonly server: AuthorizationServer;
  readonly gateway: RunningGateway;
  readonly origin: string;
  /** A call of an agent that works for `subject`, with these claims beside, which waits. */
  held(subject: string, claims?: Readonly<Record<string, unknown>>): Promise<HeldCall>;
  stop(): Promise<void>;
}

export interface HeldCall {
  readonly hold: string;
  /** What the agent reads at last. */
  readonly answer: Promise<string>;
}

export interface Peoples {
  /** Claims by login name. */
  readonly people: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Further keys of `identity`, in YAML's flow style. */
  readonly identity: string;
  readonly folder: string;
  /** What an approval must be like, in YAML's flow style. */
  readonly approval?: string;
  /** Of the policy what follows its servers; one tool that is held, where it is not said. */
  readonly tools?: string;
  /** Further servers, in YAML's flow style: all of them are pinned then. */
  readonly servers?: string;
  /** The issuer's people are one tenant. */
  readonly oneTenant?: boolean;
  /** What the server of the policy is; pinned before the gateway starts. */
  readonly pinned?: Pick<RecordingServer, 'yaml'>;
}

export async function openPeoplesGateway({
  people,
  identity,
  folder,
  approval = '{ reason: Look. }',
  tools = `tools: { rough.other: { effect: write, approval: ${approval} } }`,
  servers,
  oneTenant = false,
  pinned,
}: Peoples): Promise<PeoplesGateway> {
  const server = await startAuthorizationServer({
    resources: { [MCP]: { scopes: [] } },
    people,
    clients: [
      {
        client_id: 'tollgate',
        client_secret: SECRET,
        // A native client on loopback may come back to any port (RFC 8252, section 7.3).
        redirect_uris: ['http://127.0.0.1:9/sign-in/callback'],
        application_type: 'native',
      },
    ],
  });
  const keys = join(folder, 'keys.json');
  writeFileSync(keys, JSON.stringify({ keys: [server.publicJwk] }));
  const config = join(folder, 'gateway.yaml');
  writeFileSync(
    config,
    `version: 1
identity:
  issuers: [{ url: "${server.issuer}", audience: "${MCP}", api_audience: "${API}", keys: "${keys}"${oneTenant ? '' : ', tenant: org'} }]
  sign_in: { issuer: "${server.issuer}", client: { id: tollgate, secret: { secret: "env://SIGN_IN" } } }
  ${identity.replaceAll('ISSUER', server.issuer)}
`,
  );
  const home = homeOf(environmentOf(folder));
  mkdirSync(folder, { recursive: true });
  await enrolPerson(home, FIRST.name);
  const policy = `version: 1
profile: desk
who: [local, { issuer: "${server.issuer}" }]
servers: { rough: ${(pinned ?? recordingServer(folder)).yaml}${servers === undefined ? '' : `, ${servers}`} }
${tools.replaceAll('ISSUER', server.issuer)}
`;
  const environment = { SIGN_IN: SECRET };
  if (servers !== undefined || pinned !== undefined) await pinServers(folder, policy, config);
  const gateway = await startGateway(policy, { folder, words: ['--config', config], environment });
  const ledger = await visit(home);
  let calls = 0;
  const call = async (subject: string, given: JsonObject, claims: Readonly<Record<string, unknown>> = {}) => {
    const token = await server.token({ aud: MCP, sub: subject, org: 'acme', ...claims });
    return textOf(await post({ url: gateway.url, token }, legacyCall('rough__other', given)));
  };
  return {
    server,
    gateway,
    origin: `http://127.0.0.1:${gateway.port}`,
    held: async (subject, claims) => {
      calls += 1;
      const mark = `call ${calls}`;
      const answer = call(subject, { do: 'echo', mark }, claims);
      // Whoever does not wait for it ends the gateway under it.
      answer.catch(() => undefined);
      let hold: string | undefined;
      await until(async () => {
        const holds = await ledger.holds({ open: true }, Date.now());
        hold = holds.find(({ effective }) => effective['mark'] === mark)?.id;
        return hold !== undefined;
      });
      return { hold: hold ?? '', answer };
    },
    stop: async () => {
      await ledger.close();
      await gateway.stop();
      await server.close();
    },
  };
}

/** Writes the lock of a policy, as its person does before the gateway starts. */
async function pinServers(folder: string, policy: string, config: string): Promise<void> {
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, policy);
  const { code, stderr } = await run(
    ['policy', 'pin', file, '--config', config, '--yes'],
    environmentOf(folder, { SIGN_IN: SECRET }),
  );
  if (code !== 0) throw new Error(stderr);
}

export interface Browser {
  /** The cookies that it has for the gateway. */
  readonly cookies: ReadonlyMap<string, string>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ApiAnswered>;
  /** With what the page knows: our origin and its token. */
  send(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiAnswered>;
  /** What the page's forms say. */
  csrf(): Promise<string>;
  take(headers: Headers): void;
}

export function browserOf({ gateway, origin }: Pick<PeoplesGateway, 'gateway' | 'origin'>): Browser {
  const cookies = new Map<string, string>();
  const take = (headers: Headers): void => {
    for (const line of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
  };
  const cookie = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const asked = async (path: string, more: ApiAsked): Promise<ApiAnswered> => {
    const answer = await ask(gateway, path, { ...more, headers: { cookie: cookie(), ...more.headers } });
    take(answer.headers);
    return answer;
  };
  const csrf = async (): Promise<string> =>
    /name="csrf" value="([\w-]+)"/.exec((await asked('/', {})).text)?.[1] ?? 'none';
  return {
    cookies,
    take,
    csrf,
    get: (path, headers = {}) => asked(path, { headers }),
    send: async (path, body, headers = {}) =>
      asked(path, { body, headers: { origin, 'x-csrf-token': await csrf(), ...headers } }),
  };
}

/** Signs a person in, as a browser does it. */
export async function signedInAs(here: PeoplesGateway, login: string): Promise<Browser> {
  const browser = browserOf(here);
  const answer = await comeBack(here, browser, login);
  if (answer.status !== 303) throw new Error(answer.text);
  return browser;
}

/** Up to what the gateway answers to the browser that comes back. */
export async function comeBack(here: PeoplesGateway, browser: Browser, login: string): Promise<ApiAnswered> {
  const back = new URL(await signIn(here.server, await begun(browser), login));
  return browser.get(`${back.pathname}${back.search}`);
}

/** Where the gateway sends the browser. */
export async function begun(browser: Browser): Promise<string> {
  const { headers, text } = await browser.get('/sign-in');
  const location = headers.get('location');
  if (location === null) throw new Error(text);
  return location;
}
