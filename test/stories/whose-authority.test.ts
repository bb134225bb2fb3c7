/**
 * Two users of two tenants, one agent, one gateway, and a server that verifies its own tokens: each call arrives in the right
 * user's name, by us, as narrow as the tool is. What the client brought arrives nowhere.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { type Answered, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { type Guarded, serveGuarded } from '../support/servers/guarded-http.ts';

const TOOLS = 'https://tools.example.com/mcp';
const CRM = 'https://crm.example.com/mcp';
const CANARY = 'canary-secret-of-the-gateway-0123456789';
const ALL = 'cases:read replies:send';

describe.each(['modern', 'legacy'] as const)('a %s server', (era) => {
  const folder = temporaryFolder();
  let login: AuthorizationServer;
  let evil: AuthorizationServer;
  let crm: Guarded;
  let gateway: RunningGateway;
  const tokens: string[] = [];

  beforeAll(async () => {
    login = await startAuthorizationServer({
      resources: { [CRM]: { scopes: ALL.split(' ') } },
      clients: [
        {
          client_id: 'gateway',
          client_secret: CANARY,
          grant_types: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
          redirect_uris: [],
          response_types: [],
        },
      ],
    });
    evil = await startAuthorizationServer({ resources: {} });
    crm = await serveGuarded({ issuer: login.issuer, audience: CRM, era, elsewhere: evil.issuer });
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [login.publicJwk] }));
    writeFileSync(
      join(folder, 'gateway.yaml'),
      `version: 1
identity: { issuers: [{ url: "${login.issuer}", audience: "${TOOLS}", keys: keys.json, tenant: org }] }
servers:
  crm:
    url: "${crm.url}"
    credential:
      exchange: { issuer: "${login.issuer}", audience: "${CRM}", client: { id: gateway, secret: { secret: "env://GATEWAY_SECRET" } } }
`,
    );
    gateway = await startGateway(
      `version: 1
profile: support
who: [{ issuer: "${login.issuer}", tenants: [acme, zeta] }]
servers: { crm: {} }
tools:
  crm.get_case: { effect: read, scopes: [cases:read] }
  crm.send_reply: { effect: write, scopes: [replies:send] }
`,
      { folder, words: ['--config', join(folder, 'gateway.yaml')], environment: { GATEWAY_SECRET: CANARY } },
    );
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([login.close(), evil.close(), crm.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const tokenOf = async (sub: string, org: string, scope: string, more: JsonObject = {}): Promise<string> => {
    const token = await login.token({ sub, org, scope, aud: TOOLS, ...more });
    tokens.push(token);
    return token;
  };
  const call = (token: string, tool: string, given: JsonObject = {}): Promise<Answered> => {
    const message = modernRequest('tools/call', { name: `crm__${tool}`, arguments: given });
    return post({ url: gateway.url, token }, message, modernHeaders(message));
  };

  test('gets each call in its user’s name, narrow, for itself, and with us as who acts', async () => {
    const ada = await tokenOf('ada', 'acme', ALL);
    const bob = await tokenOf('bob', 'zeta', 'cases:read');
    expect(textOf(await call(ada, 'get_case'))).toBe('did get_case');
    expect(textOf(await call(bob, 'get_case'))).toBe('did get_case');
    expect(textOf(await call(ada, 'send_reply'))).toBe('did send_reply');
    // Whose own token is for less is stopped at the door.
    expect((await call(bob, 'send_reply')).status).toBe(403);
    const arrived = crm
      .calls()
      .map(({ tool, claims }) => [tool, claims?.sub, claims?.['scope'], claims?.['act'], claims?.aud]);
    expect(arrived).toEqual([
      ['get_case', 'ada', 'cases:read', { sub: 'gateway' }, CRM],
      ['get_case', 'bob', 'cases:read', { sub: 'gateway' }, CRM],
      ['send_reply', 'ada', 'replies:send', { sub: 'gateway' }, CRM],
    ]);
  });

  test('is told the chain of who acts, and never by the credential of another chain', async () => {
    const direct = await tokenOf('eve', 'acme', ALL);
    const byBot = await tokenOf('eve', 'acme', ALL, { act: { sub: 'bot' } });
    for (const token of [direct, byBot]) expect(textOf(await call(token, 'get_case'))).toBe('did get_case');
    const acts = crm.calls().flatMap(({ claims }) => (claims?.sub === 'eve' ? [claims['act']] : []));
    expect(acts).toEqual([{ sub: 'gateway' }, { sub: 'gateway', act: { sub: 'bot' } }]);
  });

  test('hears nothing of what a caller may not have us do in its name', async () => {
    const token = await tokenOf('una', 'acme', ALL, { may_act: { sub: 'another' } });
    const before = login.seen.length;
    expect(textOf(await call(token, 'get_case'))).toMatch(/^NOT DONE: no credential/);
    expect(login.seen.slice(before).filter(({ path }) => path === '/token')).toEqual([]);
    expect(crm.calls().some(({ claims }) => claims?.sub === 'una')).toBe(false);
  });

  test('never gets a byte of what the clients brought, nor of the gateway’s secret; the journal names whose authority it was', async () => {
    const raw = crm.arrived.map((one) => one.raw).join('\n');
    expect(tokens.length).toBeGreaterThan(3);
    for (const token of [...tokens, CANARY]) expect(raw).not.toContain(token);
    const { stdout } = await gateway.command('sessions', '--json');
    const sessions = JSON.parse(stdout) as readonly { readonly session: { readonly id: string } }[];
    const trails = await Promise.all(sessions.map(({ session }) => gateway.command('trace', session.id, '--json')));
    const trail = trails.map((one) => one.stdout).join('\n');
    expect(trail).toContain(`"credential":{"kind":"exchange","audience":"${CRM}","scopes":["cases:read"]}`);
    for (const secret of [...tokens, CANARY, ...crm.arrived.flatMap(({ authorization }) => authorization ?? [])]) {
      expect(trail).not.toContain(secret);
      expect(gateway.reports.join('\n')).not.toContain(secret);
    }
  });

  test('cannot send us elsewhere: what it names as its authorization server is never asked', async () => {
    const ada = await tokenOf('ada', 'acme', ALL);
    const exchanges = () => login.seen.filter(({ path }) => path === '/token').length;
    crm.revokeAll();
    const before = exchanges();
    const { last } = await call(ada, 'get_case');
    expect(last.error).toMatchObject({ message: expect.stringContaining('refused the credential') });
    expect(exchanges()).toBe(before);
    expect((await call(ada, 'get_case')).last.error).toEqual(last.error);
    // The one that was refused is not shown again.
    expect(exchanges()).toBe(before + 1);
    expect(evil.seen).toEqual([]);
  });
});
