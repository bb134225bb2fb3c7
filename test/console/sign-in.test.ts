/** People sign in at a real authorization server: what a browser gets, what it may, and what signs nobody in. */
import { rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { apiToken, ask } from '../support/api-posts.ts';
import { signIn } from '../support/authorization-server.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { begun, browserOf, comeBack, openPeoplesGateway, type PeoplesGateway, signedInAs } from '../support/people.ts';

const folder = temporaryFolder();
let here: PeoplesGateway;

beforeAll(async () => {
  here = await openPeoplesGateway({
    folder,
    people: {
      vera: { org: 'acme', groups: ['staff'], sid: 'the session at the issuer' },
      oscar: { org: 'acme', groups: ['platform'] },
      zoe: { org: 'zeta', groups: ['platform'] },
      nobody: { org: 'acme' },
      acted: { org: 'acme', groups: ['platform'], act: { sub: 'robot' } },
      homeless: { groups: ['platform'] },
    },
    identity: 'roles: { viewer: [group:staff], operator: ["group:platform@ISSUER"], admin: ["user:alice@ISSUER"] }',
  });
  // A session each of two tenants.
  for (const org of ['acme', 'zeta']) await here.held('ada', { org });
});
afterEach(() => here.server.misbehave(() => undefined));
afterAll(async () => {
  await here.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tenantsSeen = async (browser: ReturnType<typeof browserOf>): Promise<readonly string[]> => {
  const { body } = await browser.get('/api/sessions');
  return (body['sessions'] as { principal: { tenant: string } }[]).map(({ principal }) => principal.tenant);
};

describe('a person who signed in', () => {
  test('is on the page with roles, and sees the sessions of its own tenant alone', async () => {
    const vera = await signedInAs(here, 'vera');
    const page = await vera.get('/');
    expect(page.text).toContain('<span id="who">vera</span>');
    expect(page.text).toContain('<span id="roles">viewer</span>');
    expect(page.text).toContain('Your roles let you see no holds.');
    expect(await tenantsSeen(vera)).toEqual(['acme']);
    expect(await tenantsSeen(await signedInAs(here, 'zoe'))).toEqual(['zeta']);
  });

  test('without a role sees nothing, and is told so', async () => {
    const nobody = await signedInAs(here, 'nobody');
    expect(await tenantsSeen(nobody)).toEqual([]);
    expect((await nobody.get('/')).text).toContain('You have no role here');
    expect((await nobody.get('/api/holds')).body).toMatchObject({ status: 403, reason: 'role' });
  });

  test('does what its role lets, and nothing else', async () => {
    const [vera, oscar] = [await signedInAs(here, 'vera'), await signedInAs(here, 'oscar')];
    const { body } = await oscar.get('/api/sessions');
    const [session] = body['sessions'] as { id: string }[];
    const at = (verb: string) => `/api/sessions/${session?.id}/${verb}`;
    expect((await vera.send(at('pause'), { why: 'x' })).body).toMatchObject({ status: 403, reason: 'role' });
    expect((await vera.get(at('journal'))).body).toMatchObject({ status: 403, reason: 'role' });
    expect((await oscar.send(at('pause'), { why: 'x' })).body).toMatchObject({ state: 'paused' });
    expect((await oscar.send(at('resume'), { why: 'x' })).body).toMatchObject({ state: 'running' });
    expect((await oscar.send(at('archive'), { why: 'x' })).body).toMatchObject({ status: 403, reason: 'role' });
    const opened = await oscar.send('/api/sessions', { profile: 'desk' });
    expect(opened.body).toMatchObject({ status: 403, reason: 'role' });
    const { stdout } = await here.gateway.command('trace', session?.id ?? '', '--json');
    expect(stdout).toContain(`"by":"${here.server.issuer}:oscar"`);
  });

  test('is known by a cookie that no script and no other site gets, with a new id at each login', async () => {
    const browser = browserOf(here);
    const first = await comeBack(here, browser, 'vera');
    const [line = ''] = first.headers.getSetCookie().filter((one) => one.startsWith('tollgate-person='));
    expect(line).toMatch(/^tollgate-person=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const before = browser.cookies.get('tollgate-person');
    await comeBack(here, browser, 'oscar');
    const after = browser.cookies.get('tollgate-person');
    expect(after).not.toBe(before);
    const stale = await ask(here.gateway, '/api/sessions', { headers: { cookie: `tollgate-person=${before}` } });
    expect(stale.status).toBe(401);
    expect((await browser.get('/')).text).toContain('<span id="who">oscar</span>');
  });

  test('is not who a cookie names that was chosen before the login', async () => {
    const browser = browserOf(here);
    const chosen = 'A'.repeat(43);
    browser.take(new Headers({ 'set-cookie': `tollgate-person=${chosen}` }));
    await comeBack(here, browser, 'vera');
    expect(browser.cookies.get('tollgate-person')).not.toBe(chosen);
  });

  test('signs out, and the cookie is worth nothing any more', async () => {
    const vera = await signedInAs(here, 'vera');
    const cookie = vera.cookies.get('tollgate-person');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const forged = await vera.send('/sign-out', 'csrf=wrong', form);
    expect([forged.status, (await vera.get('/')).status]).toEqual([403, 200]);
    const out = await vera.send('/sign-out', `csrf=${await vera.csrf()}`, form);
    expect([out.status, vera.cookies.has('tollgate-person')]).toEqual([303, false]);
    const again = await ask(here.gateway, '/', { headers: { cookie: `tollgate-person=${cookie}` } });
    expect([again.status, again.text]).toEqual([401, expect.stringContaining('You are not signed in.')]);
  });
});

describe('a change over a cookie is refused', () => {
  const OTHER_PORT = 'http://127.0.0.1:1';
  test.each([
    ['from a page at another port of this machine, which is the same site', { origin: OTHER_PORT }, 'csrf'],
    ['without the token of the page', { 'x-csrf-token': '' }, 'csrf'],
    ['with another token', { 'x-csrf-token': 'A'.repeat(43) }, 'csrf'],
  ])('%s', async (_, headers, reason) => {
    const oscar = await signedInAs(here, 'oscar');
    const answer = await oscar.send('/api/sessions/s_none/pause', { why: 'x' }, headers);
    expect(answer.body).toMatchObject({ status: 403, reason });
    expect((await oscar.send('/api/sessions/s_none/pause', { why: 'x' })).status).toBe(404);
  });

  test('from a page of another site, or under another name of this host', async () => {
    const oscar = await signedInAs(here, 'oscar');
    const evil = { origin: 'https://evil.example' };
    expect((await oscar.send('/api/sessions/s_1/pause', { why: 'x' }, evil)).status).toBe(403);
    expect((await oscar.get('/', evil)).status).toBe(403);
  });

  test('and two cookies of the name are none', async () => {
    const oscar = await signedInAs(here, 'oscar');
    const id = oscar.cookies.get('tollgate-person');
    const cookie = `tollgate-person=${id}; tollgate-person=${id}`;
    expect((await ask(here.gateway, '/api/sessions', { headers: { cookie } })).status).toBe(401);
  });
});

const refusals = (): readonly string[] =>
  here.gateway.reports.filter((line) => line.startsWith('a login was refused: '));

describe('nobody is signed in by', () => {
  test('a browser that did not begin the login', async () => {
    const [begunHere, elsewhere] = [browserOf(here), browserOf(here)];
    const back = new URL(await signIn(here.server, await begun(begunHere), 'oscar'));
    const path = `${back.pathname}${back.search}`;
    expect((await elsewhere.get(path)).status).toBe(400);
    await begun(elsewhere);
    expect((await elsewhere.get(path)).status).toBe(403);
    expect(elsewhere.cookies.has('tollgate-person')).toBe(false);
  });

  test('coming back twice', async () => {
    const browser = browserOf(here);
    const back = new URL(await signIn(here.server, await begun(browser), 'vera'));
    const login = browser.cookies.get('tollgate-login');
    expect((await browser.get(`${back.pathname}${back.search}`)).status).toBe(303);
    const replayed = await ask(here.gateway, `${back.pathname}${back.search}`, {
      headers: { cookie: `tollgate-login=${login}` },
    });
    expect([replayed.status, replayed.headers.getSetCookie().join()]).toEqual([
      400,
      expect.not.stringContaining('tollgate-person='),
    ]);
  });

  test.each([
    ['another state', (back: URL) => back.searchParams.set('state', 'x'), /state/],
    ['another issuer (RFC 9207)', (back: URL) => back.searchParams.set('iss', 'https://evil.example'), /iss/],
    ['no issuer, where it says that it names itself', (back: URL) => back.searchParams.delete('iss'), /iss/],
    ['a code of nobody', (back: URL) => back.searchParams.set('code', 'x'), /response body|grant/],
  ])('an answer with %s', async (_, change, reason) => {
    const browser = browserOf(here);
    const back = new URL(await signIn(here.server, await begun(browser), 'oscar'));
    change(back);
    const answer = await browser.get(`${back.pathname}${back.search}`);
    expect([answer.status, browser.cookies.has('tollgate-person')]).toEqual([403, false]);
    expect(answer.text).toContain('You could not be signed in.');
    expect(refusals()).toContainEqual(expect.stringMatching(reason));
  });

  test.each([
    ['an ID token with another nonce', { nonce: 'x' }, /nonce/],
    ['an ID token for another client', { aud: 'another' }, /aud/],
    ['an ID token of another issuer', { iss: 'https://evil.example' }, /iss/],
    ['an ID token that has expired', { exp: 1 }, /exp|timestamp/],
    ['an ID token without a tenant', { org: undefined }, /org \(the tenant\)/],
    ['an ID token for who acts for a person', { act: { sub: 'robot' } }, /\(act\)/],
  ])('%s', async (_, claims, reason) => {
    const browser = browserOf(here);
    const back = new URL(await signIn(here.server, await begun(browser), 'oscar'));
    here.server.misbehave(({ path }) =>
      path === '/token'
        ? {
            rewrite: async (body) => {
              const [, payload = ''] = String(body['id_token']).split('.');
              const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
              return { ...body, id_token: await here.server.token({ ...said, ...claims }, { typ: 'JWT' }) };
            },
          }
        : undefined,
    );
    expect((await browser.get(`${back.pathname}${back.search}`)).status).toBe(403);
    expect(browser.cookies.has('tollgate-person')).toBe(false);
    expect(refusals()).toContainEqual(expect.stringMatching(reason));
  });

  test('an ID token that somebody else signed', async () => {
    const browser = browserOf(here);
    const back = new URL(await signIn(here.server, await begun(browser), 'oscar'));
    here.server.misbehave(({ path }) =>
      path === '/token'
        ? {
            rewrite: (body) => {
              const parts = String(body['id_token']).split('.');
              return { ...body, id_token: [parts[0], parts[1], 'A'.repeat(86)].join('.') };
            },
          }
        : undefined,
    );
    expect((await browser.get(`${back.pathname}${back.search}`)).status).toBe(403);
    expect(refusals()).toContainEqual(expect.stringMatching(/signature/));
  });

  test('people whose token names an actor or no tenant', async () => {
    for (const login of ['acted', 'homeless']) {
      const browser = browserOf(here);
      expect([(await comeBack(here, browser, login)).status, browser.cookies.has('tollgate-person')]).toEqual([
        403,
        false,
      ]);
    }
  });

  test('a token of the issuer in the place of the cookie, nor a cookie in the place of a token', async () => {
    const token = await here.server.token({ org: 'acme' });
    expect((await ask(here.gateway, '/api/sessions', { headers: { cookie: `tollgate-person=${token}` } })).status).toBe(
      401,
    );
    const vera = await signedInAs(here, 'vera');
    const id = vera.cookies.get('tollgate-person');
    expect((await ask(here.gateway, '/api/sessions', { token: id })).status).toBe(401);
  });
});

test('every page is for no frame, runs scripts of ours alone, and is kept by no cache', async () => {
  const vera = await signedInAs(here, 'vera');
  for (const path of ['/', '/sign-in', '/open/x', '/sign-in/callback'])
    for (const headers of [(await vera.get(path)).headers, (await ask(here.gateway, path)).headers]) {
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).toMatch(/; script-src 'self';(?!.*unsafe)/);
      expect(headers.get('cache-control')).toBe('no-store');
    }
  expect((await vera.get('/')).text).not.toMatch(
    /<script(?! src="\/assets\/)|<style|<img|<link(?! [^>]*href="\/assets\/)|<iframe|\bon\w+=|\bstyle=/i,
  );
});

test('what the browser is sent to holds no secret and no token, and has PKCE, state and nonce', async () => {
  const url = new URL(await begun(browserOf(here)));
  expect([...url.searchParams.keys()].toSorted()).toEqual([
    'client_id',
    'code_challenge',
    'code_challenge_method',
    'nonce',
    'redirect_uri',
    'response_type',
    'scope',
    'state',
  ]);
  expect(url.searchParams.get('code_challenge_method')).toBe('S256');
  expect(url.searchParams.get('redirect_uri')).toBe(`${here.origin}/sign-in/callback`);
});

test('a login under another name of this machine goes on at the one address that the issuer sends back to', async () => {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  const host = `localhost:${here.gateway.port}`;
  request({ host: '127.0.0.1', port: here.gateway.port, path: '/sign-in', headers: { host } }, resolve).end();
  const { statusCode, headers } = await promise;
  expect([statusCode, headers.location, headers['set-cookie']]).toEqual([
    303,
    `${here.origin}/sign-in?to=/`,
    undefined,
  ]);
});

test('`tollgate open` prints where to sign in, and no link', async () => {
  const { stdout } = await here.gateway.command('open');
  expect(stdout).toBe(`${here.origin}/sign-in\n`);
});

test('an issuer that is down or lies about its name signs nobody in, and does again once it is well', async () => {
  const token = apiToken(here.gateway);
  expect((await ask(here.gateway, '/api/sessions', { token })).status).toBe(200);
  const vera = await signedInAs(here, 'vera');
  here.server.misbehave(({ path }) => (path === '/token' ? { instead: { status: 500, body: {} } } : undefined));
  expect((await comeBack(here, browserOf(here), 'oscar')).status).toBe(403);
  here.server.misbehave(() => undefined);
  expect((await comeBack(here, browserOf(here), 'oscar')).status).toBe(303);
  expect((await vera.get('/')).status).toBe(200);
});
