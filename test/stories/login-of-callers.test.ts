/** Callers of an issuer, and a server that wants each user's own login: only the caller's own person, signed in with us, brings it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { signIn, startAuthorizationServer } from '../support/authorization-server.ts';
import { startGateway, temporaryFolder } from '../support/gateway.ts';
import { browserOf, MCP, SECRET, signedInAs } from '../support/people.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { protectedDesk } from '../support/protected-desk.ts';

async function opened() {
  const desk = await protectedDesk();
  const server = await startAuthorizationServer({
    resources: { [MCP]: { scopes: [] } },
    people: { ada: { org: 'acme' }, eve: { org: 'acme' } },
    clients: [
      {
        client_id: 'tollgate',
        client_secret: SECRET,
        redirect_uris: ['http://127.0.0.1:9/sign-in/callback'],
        application_type: 'native',
      },
    ],
  });
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'gateway.yaml');
  writeFileSync(
    config,
    `version: 1
servers: { crm: { url: "${desk.url}", era: modern, credential: { login: {} } }, login: { url: "${desk.issuer}" } }
identity:
  issuers: [{ url: "${server.issuer}", audience: "${MCP}", tenant: org }]
  sign_in: { issuer: "${server.issuer}", client: { id: tollgate, secret: { secret: "env://SIGN_IN" } } }
  roles: { viewer: ["group:staff"] }
`,
  );
  const policy = `version: 1\nprofile: desk\nwho: [{ issuer: "${server.issuer}" }]\ntools:\n  crm.look: { effect: read }\n`;
  const words = ['--config', config];
  const gateway = await startGateway(policy, { folder, words, environment: { SIGN_IN: SECRET } });
  onTestFinished(async () => {
    await gateway.stop();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const call = async (claims: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const token = await server.token({ aud: MCP, sub: 'ada', org: 'acme', ...claims });
    return textOf(await post({ url: gateway.url, token }, legacyCall('crm__look', {})));
  };
  const here = { server, gateway, origin: `http://127.0.0.1:${gateway.port}` };
  return { desk, here: here as Parameters<typeof signedInAs>[0], call };
}

const linkIn = (text: string): string => /open: (\S+)/.exec(text)?.[1] ?? text;
const pathOf = (url: string): string => `${new URL(url).pathname}${new URL(url).search}`;

test('a login is begun and finished by the person whose agent asked, signed in, and by nobody else', async () => {
  const { desk, here, call } = await opened();
  const link = pathOf(linkIn(await call()));
  const [ada, eve] = [await signedInAs(here, 'ada'), await signedInAs(here, 'eve')];
  expect([(await browserOf(here).get(link)).status, (await eve.get(link)).status]).toEqual([403, 403]);

  const begun = await ada.get(link);
  expect(begun.status).toBe(303);
  const back = pathOf(await signIn(desk.authority, begun.headers.get('location') ?? '', 'ada'));
  // Eve has all that can be carried to another browser, and is signed in as herself.
  const hers = await signedInAs(here, 'eve');
  for (const [name, value] of ada.cookies)
    if (name.startsWith('tollgate-login-')) hers.take(new Headers({ 'set-cookie': `${name}=${value}; Path=/` }));
  expect((await hers.get(back)).status).toBe(403);
  expect(await call()).toContain('the user must log in to crm first');

  const again = await ada.get(pathOf(linkIn(await call())));
  const done = await ada.get(pathOf(await signIn(desk.authority, again.headers.get('location') ?? '', 'ada')));
  expect([done.status, done.text]).toEqual([200, expect.stringContaining('You are logged in to crm.')]);
  expect(await call()).toBe('seen');
  expect(desk.callers).toEqual(['ada']);
  expect(await call({ sub: 'eve' })).toContain('the user must log in to crm first');
});
