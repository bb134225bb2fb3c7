/** Clients that log in as Claude Desktop and claude.ai do: from a 401 of ours to a call, with nothing but the URL. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { connectAs, OAuthDesk } from '../support/oauth-client.ts';
import { recordingServer } from '../support/recording-server.ts';
import { type ReverseProxy, reverseProxy } from '../support/reverse-proxy.ts';

const DOCUMENT = 'https://desk.example.com/client.json';
const SECRET = 'a secret of thirty-two characters';

const folder = temporaryFolder();
let proxy: ReverseProxy;
let jwts: AuthorizationServer;
let opaque: AuthorizationServer;
let gateway: RunningGateway;

/** A server whose tokens for us are of this form, and that takes clients in every way there is. */
function serverOf(resource: string, format: 'jwt' | 'opaque'): Promise<AuthorizationServer> {
  const desk = new OAuthDesk();
  const robot = {
    client_id: 'tollgate',
    client_secret: SECRET,
    redirect_uris: [],
    response_types: [],
    grant_types: [],
  };
  return startAuthorizationServer({
    resources: { [resource]: { scopes: ['notes:read', 'notes:write'], format, lives: 300 } },
    clients: [robot, { client_id: 'fixed', ...desk.clientMetadata }],
    people: { ada: { groups: ['support'] }, eve: { groups: ['strangers'] } },
    configuration: {
      scopes: ['openid', 'offline_access', 'notes:read', 'notes:write'],
      features: { clientIdMetadataDocument: { enabled: true, ack: 'draft-02' } },
      fetch: async (url: string | URL, options: RequestInit) =>
        String(url) === DOCUMENT
          ? Response.json({ client_id: DOCUMENT, ...desk.clientMetadata })
          : globalThis.fetch(url, options),
    } as never,
  });
}

beforeAll(async () => {
  proxy = await reverseProxy();
  const resource = `${proxy.url}/mcp`;
  [jwts, opaque] = await Promise.all([serverOf(resource, 'jwt'), serverOf(resource, 'opaque')]);
  const introspection = '{ client: { id: tollgate, secret: { secret: "env://INTROSPECTION" } } }';
  const deployment = `version: 1
listen: { public_url: "${proxy.url}" }
identity:
  issuers:
    - { url: "${jwts.issuer}", audience: "${resource}" }
    - { url: "${opaque.issuer}", audience: "${resource}", introspection: ${introspection} }
`;
  writeFileSync(join(folder, 'gateway.yaml'), deployment);
  const policy = `version: 1
profile: support
who: [{ issuer: "${jwts.issuer}", groups: [support] }, { issuer: "${opaque.issuer}", subjects: [ada] }]
servers: { rough: ${recordingServer(folder).yaml} }
tools:
  rough.rough: { effect: read, scopes: [notes:read] }
  rough.other: { effect: read, scopes: [notes:write] }
`;
  const words = ['--config', join(folder, 'gateway.yaml')];
  gateway = await startGateway(policy, { folder, words, environment: { INTROSPECTION: SECRET } });
  proxy.to(gateway.port);
});
afterAll(async () => {
  await gateway.stop();
  for (const one of [proxy, jwts, opaque]) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

const ECHO = { name: 'rough__rough', arguments: { do: 'echo' } };
const done = { content: [{ type: 'text', text: 'ok' }] };

/** Once the client knows the first issuer that our metadata names. */
async function called(desk: OAuthDesk, path = '/mcp'): Promise<unknown> {
  const { client } = await connectAs(desk, `${proxy.url}${path}`, jwts, 'ada');
  try {
    return await client.callTool(ECHO);
  } finally {
    await client.close();
  }
}

describe('a client that knows nothing but our URL', () => {
  test('finds the issuer, registers itself, has the person log in, and calls', async () => {
    const desk = new OAuthDesk();
    expect(await called(desk)).toMatchObject(done);
    const [asked] = desk.sent;
    expect(asked?.origin).toBe(jwts.issuer);
    expect(Object.fromEntries(asked?.searchParams ?? [])).toMatchObject({
      resource: `${proxy.url}/mcp`,
      scope: 'notes:read notes:write',
      code_challenge_method: 'S256',
    });
    expect(jwts.seen.some(({ path }) => path === '/reg')).toBe(true);
  });

  test('does so at the URL of a profile, too', async () => {
    expect(await called(new OAuthDesk(), '/mcp/p/support')).toMatchObject(done);
  });

  test('is known by a document of its own where it has one', async () => {
    const before = jwts.seen.filter(({ path }) => path === '/reg').length;
    const desk = new OAuthDesk(undefined, DOCUMENT);
    expect(await called(desk)).toMatchObject(done);
    expect(desk.sent[0]?.searchParams.get('client_id')).toBe(DOCUMENT);
    expect(jwts.seen.filter(({ path }) => path === '/reg')).toHaveLength(before);
  });

  test('or was registered before', async () => {
    const desk = new OAuthDesk({ client_id: 'fixed' });
    expect(await called(desk)).toMatchObject(done);
    expect(desk.sent[0]?.searchParams.get('client_id')).toBe('fixed');
  });
});

test('a person who logs in and is not let in hears what one hears of no session', async () => {
  await expect(connectAs(new OAuthDesk(), `${proxy.url}/mcp`, jwts, 'eve')).rejects.toThrow('Session unknown');
});

test('a client whose person granted less is sent to log in for all that it needs at once', async () => {
  const desk = new OAuthDesk();
  desk.grants = 'notes:read';
  const { client, transport } = await connectAs(desk, `${proxy.url}/mcp`, jwts, 'ada');
  expect(await client.callTool(ECHO)).toMatchObject(done);
  const other = { ...ECHO, name: 'rough__other' };
  await expect(client.callTool(other)).rejects.toThrow('Unauthorized');
  expect(desk.sent.at(-1)?.searchParams.get('scope')).toBe('notes:read notes:write');
  desk.grants = undefined;
  await transport.finishAuth(await desk.logIn(jwts, 'ada'));
  expect(await client.callTool(other)).toMatchObject(done);
  await client.close();
});

test('tokens that only their issuer can read do as well', async () => {
  const desk = new OAuthDesk({ client_id: 'fixed' });
  const login = new URL(`${opaque.issuer}/auth`);
  const asked = {
    client_id: 'fixed',
    response_type: 'code',
    redirect_uri: desk.redirectUrl,
    scope: 'notes:read',
    resource: `${proxy.url}/mcp`,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(asked)) login.searchParams.set(name, value);
  desk.redirectToAuthorization(login);
  const back = await desk.logIn(opaque, 'ada');
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: 'fixed',
    code: back.get('code') ?? '',
    redirect_uri: desk.redirectUrl,
    // Of RFC 7636, appendix B, as its challenge above.
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    resource: `${proxy.url}/mcp`,
  });
  const issued = (await (await fetch(`${opaque.issuer}/token`, { method: 'POST', body })).json()) as {
    access_token: string;
    token_type: string;
  };
  expect(issued.access_token).not.toContain('.');
  desk.saveTokens(issued);
  const { client } = await connectAs(desk, `${proxy.url}/mcp`, opaque, 'ada');
  expect(await client.callTool(ECHO)).toMatchObject(done);
  await client.close();
});
