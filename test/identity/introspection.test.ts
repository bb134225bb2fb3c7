/** Tokens that only their issuer can read, at a real authorization server that is down and lies. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ALGORITHMS } from '../../src/document/issuers-shape.ts';
import { openSecrets } from '../../src/identity/secrets/read-secret.ts';
import type { VerifyToken } from '../../src/identity/token-verifier.ts';
import { verifiersOf } from '../../src/identity/verifiers.ts';
import { openOutgoing } from '../../src/outgoing/outgoing.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts';

const AUDIENCE = 'https://tools.example.com/mcp';
const NOTHING_NAMED: ReadonlySet<string> = new Set();
const API = 'https://tools.example.com/api';
const SECRET = 'a secret of thirty-two characters';
const INTROSPECTION = '/token/introspection';

let server: AuthorizationServer;
let verify: VerifyToken;
let api: VerifyToken;
let clock: number;
let env: Record<string, string>;

beforeEach(async () => {
  clock = Date.now();
  env = { INTROSPECT: SECRET };
  server = await startAuthorizationServer({
    resources: {
      [AUDIENCE]: { scopes: ['notes:read'], format: 'opaque' },
      [API]: { scopes: [], format: 'opaque' },
    },
    clients: [
      {
        client_id: 'robot',
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
  });
  // Of a client that acts for itself a real one says no subject.
  lie({ sub: 'ada' });
  const outgoing = openOutgoing({ isWritten: () => true });
  onTestFinished(async () => {
    await outgoing.close();
    await server.close();
  });
  const issuer = {
    url: server.issuer,
    audience: AUDIENCE,
    apiAudience: API,
    keys: undefined,
    introspection: { client: { id: 'robot', secret: 'env://INTROSPECT' } },
    tenant: undefined,
    algorithms: ALGORITHMS,
  };
  const verifiers = verifiersOf([issuer], {
    outgoing,
    readSecret: openSecrets({ environment: env, platform: process.platform }),
    named: () => NOTHING_NAMED,
    now: () => clock,
  });
  if (!verifiers.ok || verifiers.value.tools === undefined || verifiers.value.api === undefined)
    throw new Error('no verifier');
  [verify, api] = [verifiers.value.tools, verifiers.value.api];
});

const lie = (claims: Record<string, unknown>): void =>
  server.misbehave(({ path }) =>
    path === INTROSPECTION ? { rewrite: (body) => ({ ...body, ...claims }) } : undefined,
  );

async function post(path: string, parameters: Record<string, string>): Promise<Record<string, unknown>> {
  const authorization = `Basic ${Buffer.from(`robot:${encodeURIComponent(SECRET)}`).toString('base64')}`;
  const body = new URLSearchParams(parameters);
  const response = await fetch(`${server.issuer}${path}`, { method: 'POST', headers: { authorization }, body });
  const text = await response.text();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

const issued = async (resource = AUDIENCE): Promise<string> =>
  String(
    (
      await post('/token', {
        grant_type: 'client_credentials',
        resource,
        scope: resource === AUDIENCE ? 'notes:read' : '',
      })
    )['access_token'],
  );

const asked = (): number => server.seen.filter(({ path }) => path === INTROSPECTION).length;
const refused = (why: string) => ({ ok: false, error: why });
const unasked = (why: string) => refused(`${server.issuer} cannot be asked about it: ${why}`);

test('its issuer says whose it is, once for many calls, and again once it may be over', async () => {
  const token = await issued();
  lie({ sub: 'ada', exp: Math.floor(clock / 1000) + 40 });
  const caller = { principal: { issuer: server.issuer, subject: 'ada', client: 'robot' }, scopes: ['notes:read'] };
  expect(await Promise.all([verify(token), verify(token)])).toMatchObject([{ value: caller }, { value: caller }]);
  clock += 30_000;
  expect(verify(token)).toMatchObject({ value: caller });
  expect(asked()).toBe(1);
  clock += 11_000;
  await verify(token);
  expect(asked()).toBe(2);
});

test('one that was revoked opens nothing for longer than a minute', async () => {
  const token = await issued();
  lie({ sub: 'ada', exp: Math.floor(clock / 1000) + 3600 });
  expect(await verify(token)).toMatchObject({ ok: true });
  await post('/token/revocation', { token });
  clock += 59_999;
  expect(verify(token)).toMatchObject({ ok: true });
  clock += 1;
  server.misbehave(() => undefined);
  expect(await verify(token)).toEqual(refused('its issuer says that it is not active'));
});

test('one that opens the tools does not open the API, nor the other way round', async () => {
  const [tools, forApi] = [await issued(), await issued(API)];
  expect(await api(tools)).toEqual(refused(`it is not for ${API} (aud)`));
  expect(await verify(forApi)).toEqual(refused(`it is not for ${AUDIENCE} (aud)`));
  lie({ sub: 'ada', aud: [AUDIENCE, API] });
  expect(await api(await issued())).toEqual(refused(`it is for ${AUDIENCE} as well (aud)`));
});

test('one that is made up is nobody’s', async () => {
  expect(await verify('made-up')).toEqual(refused('its issuer says that it is not active'));
});

describe('what its issuer says is not believed', () => {
  const at = (): number => Math.floor(clock / 1000);
  test.each<[string, () => Record<string, unknown>, () => string]>([
    ['of another audience', () => ({ aud: 'https://other.example.com' }), () => `it is not for ${AUDIENCE} (aud)`],
    ['of no audience', () => ({ aud: undefined }), () => 'its issuer says no aud of it'],
    ['of another issuer', () => ({ iss: 'https://evil.example' }), () => `it is not of ${server.issuer} (iss)`],
    ['past its time', () => ({ exp: at() - 31 }), () => 'it has expired (exp)'],
    ['before its time', () => ({ nbf: at() + 31 }), () => 'it is not valid yet (nbf)'],
    ['of another kind', () => ({ token_type: 'DPoP' }), () => 'it is no bearer token (token_type)'],
    ['of nobody', () => ({ sub: undefined }), () => 'its claim sub is missing or malformed'],
    [
      'in a word that is not true',
      () => ({ active: 'yes' }),
      () => unasked(`${server.issuer}${INTROSPECTION} answered 200, and not as RFC 7662 says`).error,
    ],
  ])('%s', async (_name, claims, why) => {
    const token = await issued();
    lie({ sub: 'ada', ...claims() });
    expect(await verify(token)).toEqual(refused(why()));
  });
});

describe('nobody is let in', () => {
  const place = (): string => `${server.issuer}${INTROSPECTION}`;

  test('while its issuer is down', async () => {
    server.misbehave(({ path }) => (path === INTROSPECTION ? { instead: { status: 503, body: 'down' } } : undefined));
    expect(await verify('any')).toEqual(unasked(`${place()} answered 503, and not as RFC 7662 says`));
  });

  test('where its issuer answers something else', async () => {
    server.misbehave(({ path }) => (path === INTROSPECTION ? { instead: { status: 200, body: '<html>' } } : undefined));
    expect(await verify('any')).toEqual(unasked(`${place()} answered 200, and not as RFC 7662 says`));
  });

  test('where the gateway may not ask', async () => {
    env['INTROSPECT'] = 'another secret, of somebody else';
    expect(await verify('any')).toEqual(unasked(`${place()} answered 401, and not as RFC 7662 says`));
    delete env['INTROSPECT'];
    expect(await verify('any')).toEqual(unasked('the environment variable INTROSPECT is not set'));
  });
});

test('those who make tokens up cost the issuer no more than 32 requests at a time', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.misbehave(({ path }) => (path === INTROSPECTION ? { after: promise } : undefined));
  const many = Array.from({ length: 33 }, (_, place) => verify(`made-up-${place}`));
  expect(await many[32]).toEqual(refused(`${server.issuer} is being asked about 32 others`));
  resolve();
  for (const one of await Promise.all(many.slice(0, 32))) expect(one).toMatchObject({ ok: false });
});
