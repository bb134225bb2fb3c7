/** The MCP endpoint as a protected resource of OAuth: how it challenges, what it says of itself, and for what its tokens must be. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { AuthorizationServer } from '../support/authorization-server.ts';
import { AUDIENCE, type FrontDoor, METADATA, openFrontDoor, request } from '../support/front-door.ts';
import type { RunningGateway } from '../support/gateway.ts';
import { post, textOf } from '../support/posts.ts';
import type { RecordingServer } from '../support/recording-server.ts';
import { rawRequest, sendRaw } from '../upstream/raw-http.ts';

let door: FrontDoor;
let login: AuthorizationServer;
let other: AuthorizationServer;
let gateway: RunningGateway;
let server: RecordingServer;
beforeAll(async () => {
  door = await openFrontDoor();
  ({ login, other, gateway, server } = door);
}, 60_000);
afterAll(() => door.close());

const call: FrontDoor['call'] = (...given) => door.call(...given);

test('who brings no token is told where one is to be had, by the URL that was asked for', async () => {
  const challenge = async (path: string) => (await call(undefined, request(), path)).headers.get('www-authenticate');
  const said = (path: string): string =>
    `Bearer realm="tollgate", scope="crm:read crm:write notes:read prompts:use", resource_metadata="${METADATA}${path}"`;
  expect(await challenge('')).toBe(said('/mcp'));
  expect(await challenge('/p/support')).toBe(said('/mcp/p/support'));
  expect(await challenge('/s_1')).toBe(said('/mcp/s_1'));
  const events = await fetch(`${gateway.url}/s_1/events`);
  expect([events.status, events.headers.get('www-authenticate')]).toEqual([401, said('/mcp')]);
});

describe('the metadata', () => {
  const get = (path: string, init: RequestInit = {}) => fetch(`${new URL(gateway.url).origin}${path}`, init);
  const WELL_KNOWN = '/.well-known/oauth-protected-resource';

  test.each(['', '/mcp', '/mcp/p/support', '/mcp/s_1'])('is read by anybody, from any page, at %j', async (path) => {
    const response = await get(`${WELL_KNOWN}${path}`, { headers: { origin: 'https://claude.ai' } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    expect(await response.json()).toEqual({
      resource: AUDIENCE,
      authorization_servers: [login.issuer, other.issuer],
      scopes_supported: ['crm:read', 'crm:write', 'notes:read', 'prompts:use'],
      bearer_methods_supported: ['header'],
      resource_name: 'Tollgate',
    });
  });

  test('may be asked for with the headers that clients send', async () => {
    const asked = {
      method: 'OPTIONS',
      headers: { origin: 'https://claude.ai', 'access-control-request-method': 'GET' },
    };
    const { status, headers } = await get(`${WELL_KNOWN}/mcp`, asked);
    expect([status, headers.get('access-control-allow-headers')]).toEqual([204, '*']);
  });

  test.each([['/api'], ['/mcp/'], ['/mcp/a/b/c'], ['x'], ['/mcp?x']])('is not there at %s', async (path) => {
    expect((await get(`${WELL_KNOWN}${path}`)).status).toBe(404);
  });

  test('cannot be written', async () => {
    expect((await get(WELL_KNOWN, { method: 'POST', body: '{}' })).status).toBe(405);
  });

  test('is not for a page whose name was made to lead here', async () => {
    const bytes = rawRequest(gateway.port, '', {
      method: 'GET',
      target: WELL_KNOWN,
      headers: { host: 'evil.example' },
    });
    expect((await sendRaw(gateway.port, bytes)).status).toBe(421);
  });
});

describe('a token that is not for what the target needs', () => {
  const EVERYTHING = 'openid mail "crm:read" notes:read';
  const TARGETS: readonly [string, string, JsonObject, string][] = [
    ['a tool', 'tools/call', { name: 'rough__other', arguments: { do: 'echo' } }, 'openid mail crm:read crm:write'],
    [
      'a prompt',
      'prompts/get',
      { name: 'notes__greet', arguments: { name: 'Ada' } },
      'openid mail crm:read prompts:use',
    ],
    ['a resource', 'resources/read', { uri: 'note://one' }, 'openid mail crm:read notes:read'],
  ];

  test.each(TARGETS)(
    'is refused, in both eras, with all that one must be for: %s',
    async (_name, method, params, scope) => {
      const token = await login.token({ aud: AUDIENCE, scope: 'openid mail crm:read offline_access' });
      const before = server.calls().length;
      const modern = request(method, params);
      const legacy = { jsonrpc: '2.0', id: 1, method, params };
      for (const answer of [await call(token, modern), await post({ url: gateway.url, token }, legacy)]) {
        expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
          403,
          `Bearer realm="tollgate", error="insufficient_scope", scope="${scope}", error_description="The token is not for all that this call needs", resource_metadata="${METADATA}/mcp"`,
        ]);
        expect(answer.last.error).toMatchObject({ code: 403, data: { 'tollgate/refused': 'insufficient_scope' } });
      }
      expect(server.calls()).toHaveLength(before);
      const granted = await login.token({ aud: AUDIENCE, scope });
      expect((await call(granted, modern)).last.result).toBeDefined();
    },
  );

  test('cannot write into the header that refuses it', async () => {
    const token = await login.token({ aud: AUDIENCE, scope: EVERYTHING });
    const { headers } = await call(token, request('tools/call', { name: 'rough__other', arguments: {} }));
    expect(headers.get('www-authenticate')).toContain('scope="openid mail notes:read crm:read crm:write"');
  });

  test('stands in the journal of its session, and in a span of its call', async () => {
    const token = await login.token({ aud: AUDIENCE, sub: 'narrow' });
    await call(token, request('tools/call', { name: 'rough__other', arguments: {} }));
    await door.sink.arrival(({ attributes }) => attributes['tollgate.refusal'] === 'insufficient_scope');
    const listed = await gateway.command('sessions', '--json');
    const sessions = JSON.parse(listed.stdout) as { session: { id: string; principal: { subject: string } } }[];
    const id = sessions.find(({ session }) => session.principal.subject === 'narrow')?.session.id ?? '';
    const { stdout } = await gateway.command('trace', id, '--json');
    expect(stdout).toContain('"reason":"insufficient_scope","scopes":["crm:read","crm:write"]');
  });

  test('is not asked of callers of this machine, who have none', async () => {
    expect(
      textOf(await call(gateway.token, request('tools/call', { name: 'rough__other', arguments: { do: 'echo' } }))),
    ).toBe('ok');
  });
});
