/** Whom a login trusts: what servers and authorization servers say of themselves, and lie about. */
import { describe, expect, test } from 'vitest';
import { readChallenge } from '../../../src/identity/login/challenge.ts';
import { askableUrl } from '../../../src/identity/login/metadata.ts';
import { callerOf, desk } from './desk.ts';
import { lyingAuthority, protectedServer } from './protected-server.ts';

const failed = (why: string) => ({ ok: false, error: { kind: 'failed', why: expect.stringContaining(why) } });

test.each([
  ['Bearer', undefined, undefined, undefined],
  ['Bearer resource_metadata="https://a.example/m", scope="a b a"', 'https://a.example/m', ['a', 'b'], undefined],
  ['bearer error=insufficient_scope,scope=a', undefined, ['a'], 'insufficient_scope'],
  ['Basic realm="x, Bearer scope=\\"no\\"", Bearer scope="yes"', undefined, ['yes'], undefined],
  ['Bearer scope="first", Bearer scope="second"', undefined, ['first'], undefined],
  ['DPoP scope="other"', undefined, undefined, undefined],
  [`Bearer scope="${'x'.repeat(9_000)}"`, undefined, undefined, undefined],
])('the challenge %j is read as it is meant', (header, resourceMetadata, scopes, error) => {
  expect(readChallenge(header)).toEqual({ resourceMetadata, scopes, error });
});

test.each([
  ['https://login.example.com/x', 'https://crm.example.com/mcp', true],
  ['http://login.example.com/x', 'https://crm.example.com/mcp', false],
  ['http://127.0.0.1:9/x', 'https://crm.example.com/mcp', false],
  ['http://127.0.0.1:9/x', 'http://127.0.0.1:8/mcp', true],
  ['http://169.254.169.254/latest', 'http://127.0.0.1:8/mcp', false],
  ['https://user:pw@login.example.com', 'https://crm.example.com/mcp', false],
  ['https://login.example.com/#x', 'https://crm.example.com/mcp', false],
  ['javascript:alert(1)', 'https://crm.example.com/mcp', false],
  [undefined, 'https://crm.example.com/mcp', false],
])('%s of the server %s may be asked: %s', (named, server, may) => {
  expect(askableUrl(named, new URL(server)) !== undefined).toBe(may);
});

describe('nobody is sent to log in', () => {
  test.each([
    ['https://evil.example.com/mcp', 'another resource'],
    ['/other', 'another resource'],
    ['/mcp2', 'another resource'],
    ['/mcp/below', 'another resource'],
  ])('where the metadata is for the resource %s', async (resource, why) => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const named = new URL(resource, server.url).href;
    server.says = { authorities: [], metadata: { resource: named, authorization_servers: [authority.issuer] } };
    expect(await desk({ servers: { crm: { url: server.url } } }).obtain()).toMatchObject(failed(why));
    expect(authority.seen).toEqual([]);
  });

  test('where the server names an authorization server on this machine that the operator did not write', async () => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const isWritten = (origin: string) => origin === new URL(server.url).origin;
    const own = desk({ servers: { crm: { url: server.url } }, isWritten });
    expect(await own.obtain()).toMatchObject(failed('it is reached only by a URL'));
    expect(authority.seen).toEqual([]);
  });

  test('where the server names no authorization server, or metadata that may not be asked, or that is not there', async () => {
    const server = await protectedServer(undefined);
    const own = desk({ servers: { crm: { url: server.url } } });
    expect(await own.obtain()).toMatchObject(failed('write login.issuer'));
    server.says = { authorities: [], challenge: 'Bearer resource_metadata="http://169.254.169.254/latest"' };
    expect(await own.obtain()).toMatchObject(failed('no URL that may be asked'));
    server.says = { authorities: [], challenge: `Bearer resource_metadata="${server.url}/gone"` };
    expect(await own.obtain()).toMatchObject(failed('leads nowhere'));
    server.says = { authorities: ['http://10.0.0.1'] };
    expect(await own.obtain()).toMatchObject(failed('no issuer that may be asked'));
  });

  test.each([
    ['of another issuer', { issuer: 'https://evil.example.com' }, 'of another issuer'],
    ['of the issuer but for a slash', 'SLASH', 'of another issuer'],
    ['without PKCE', { code_challenge_methods_supported: undefined }, 'PKCE'],
    ['with PKCE in the clear', { code_challenge_methods_supported: ['plain'] }, 'PKCE'],
    ['with an endpoint in a private network', { token_endpoint: 'http://10.0.0.1/token' }, 'no URL that may be asked'],
    ['with a page that is a script', { authorization_endpoint: 'javascript:alert(1)' }, 'no URL that may be asked'],
    ['without an endpoint', { token_endpoint: undefined }, 'no sound metadata'],
  ])('by metadata %s', async (_, metadata, why) => {
    const authority = await lyingAuthority();
    authority.lies = {
      metadata:
        metadata === 'SLASH' ? { issuer: `${authority.issuer}/` } : (metadata as Readonly<Record<string, unknown>>),
    };
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    expect(await own.obtain()).toMatchObject(failed(why));
    expect(own.reports).toHaveLength(1);
    await own.obtain();
    expect(own.reports).toHaveLength(1);
  });

  test('where nobody answers', async () => {
    const server = await protectedServer(undefined);
    await server.close();
    expect(await desk({ servers: { crm: { url: server.url } } }).obtain()).toMatchObject(failed('cannot be asked'));
  });
});

test('metadata of an issuer with a path is looked for in the order of the standard, and never at the root', async () => {
  const authority = await lyingAuthority('/tenant');
  const server = await protectedServer(authority.issuer);
  const own = desk({ servers: { crm: { url: server.url } } });
  await own.link();
  expect(authority.seen).toEqual(['GET /.well-known/oauth-authorization-server/tenant']);
  const nowhere = await lyingAuthority('/tenant');
  server.says = { authorities: [`${nowhere.issuer}/more`] };
  expect(await desk({ servers: { crm: { url: server.url } } }).obtain()).toMatchObject(failed('publishes no metadata'));
  expect(nowhere.seen).toEqual([
    'GET /.well-known/oauth-authorization-server/tenant/more',
    'GET /.well-known/openid-configuration/tenant/more',
    'GET /tenant/more/.well-known/openid-configuration',
  ]);
});

test('where the operator wrote the issuer, a server that names another sends nobody there', async () => {
  const [written, named] = [await lyingAuthority(), await lyingAuthority()];
  const server = await protectedServer(named.issuer);
  const client = { id: 'ours', secret: 'env://CLIENT' };
  const own = desk({
    environment: { CLIENT: 'client-canary' },
    servers: { crm: { url: server.url, issuer: written.issuer, client } },
  });
  await own.logIn();
  expect(named.seen).toEqual([]);
  expect(written.registered).toEqual([]);
  expect(written.tokens).toMatchObject([{ client_id: 'ours', client_secret: 'client-canary', resource: server.url }]);
  expect(own.reports.join('\n')).not.toContain('client-canary');
});

describe('what is asked for:', () => {
  const scopesOf = async (
    says: { challenge?: string; scopes?: readonly string[] },
    metadata: Readonly<Record<string, unknown>>,
    scopes?: string[],
  ) => {
    const authority = await lyingAuthority();
    authority.lies = { metadata };
    const server = await protectedServer(authority.issuer);
    server.says = { ...server.says, ...says };
    const own = desk({ servers: { crm: { url: server.url, scopes } } });
    return (await own.start(await own.link())).url.searchParams.get('scope');
  };

  test.each([
    ['what the challenge says, before what is supported', { challenge: 'Bearer scope="a"', scopes: ['b'] }, {}, 'a'],
    ['what is supported, where the challenge says nothing', { scopes: ['b', 'c'] }, {}, 'b c'],
    ['nothing, where nothing is said', {}, { scopes_supported: ['x'] }, null],
    [
      'offline access, where it is known',
      { scopes: ['b'] },
      { scopes_supported: ['offline_access'] },
      'b offline_access',
    ],
  ])('%s', async (_, says, metadata, asked) => {
    expect(await scopesOf(says, metadata)).toBe(asked);
  });

  test('what the operator wrote, before all', async () => {
    expect(await scopesOf({ challenge: 'Bearer scope="a"' }, {}, ['mine'])).toBe('mine');
  });
});

describe('who we are:', () => {
  test('our own document, where it can be read and is taken', async () => {
    const authority = await lyingAuthority();
    authority.lies = { metadata: { client_id_metadata_document_supported: true } };
    const server = await protectedServer(authority.issuer);
    const own = desk({ base: 'https://tools.example.com', servers: { crm: { url: server.url } } });
    const principal = {
      issuer: 'https://login.example.com',
      subject: 'grace',
      client: 'desk',
      actors: [],
      tenant: 'acme',
    };
    const { url } = await own.start(await own.link({ principal }), callerOf(principal));
    expect(url.searchParams.get('client_id')).toBe('https://tools.example.com/.well-known/tollgate-client.json');
    expect(own.open.clientDocument()).toMatchObject({
      client_id: url.searchParams.get('client_id'),
      redirect_uris: [url.searchParams.get('redirect_uri')],
      token_endpoint_auth_method: 'none',
      application_type: 'web',
    });
    expect(authority.registered).toEqual([]);
    expect(desk({ servers: {} }).open.clientDocument()).toBeUndefined();
  });

  test('a client that we register once for an issuer, and anew at another', async () => {
    const [first, second] = [await lyingAuthority(), await lyingAuthority()];
    const server = await protectedServer(first.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    const credential = await own.logIn();
    own.refuse(credential, { status: 401, header: 'Bearer' });
    await own.logIn();
    expect(first.registered).toHaveLength(1);
    server.says = { authorities: [second.issuer] };
    const next = await own.obtain();
    if (!next.ok || next.value === undefined) throw new Error('no credential');
    own.refuse(next.value, { status: 401, header: 'Bearer' });
    await own.logIn();
    expect(second.registered).toHaveLength(1);
    expect(second.tokens).toMatchObject([{ client_id: `client 1 of ${second.issuer}` }]);
  });

  test('nobody, where the issuer knows no client and registers none', async () => {
    const authority = await lyingAuthority();
    authority.lies = { metadata: { registration_endpoint: undefined } };
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    await expect(own.start(await own.link())).rejects.toThrow('failed');
    expect(own.reports.join('\n')).toContain('write one that it knows under login.client');
  });

  test.each([
    [['client_secret_basic', 'client_secret_post'], /^Basic /],
    [undefined, /^Basic /],
    [['client_secret_post'], undefined],
  ])('a client with a secret, where %j is taken', async (methods, header) => {
    const authority = await lyingAuthority();
    authority.lies = { metadata: { token_endpoint_auth_methods_supported: methods } };
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    await own.logIn();
    const [token] = authority.tokens;
    if (header === undefined) expect(token).toMatchObject({ client_secret: 'hush' });
    else expect(token?.authorization).toMatch(header);
  });
});
