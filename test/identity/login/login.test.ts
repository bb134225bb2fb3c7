/** The way of a person through a login: who is sent where, what comes back, and who may bring it. */
import { readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Principal } from '../../../src/domain/principal.ts';
import { signIn, startAuthorizationServer } from '../../support/authorization-server.ts';
import { ADA, callerOf, desk } from './desk.ts';
import { lyingAuthority, protectedServer } from './protected-server.ts';

const OWN = 'http://127.0.0.1:7411';

test('a person logs in at a real authorization server, and the token is for that server and in their name', async () => {
  const server = await protectedServer(undefined);
  const authority = await startAuthorizationServer({ resources: { [server.url]: { scopes: ['cases:read'] } } });
  onTestFinished(() => authority.close());
  server.says = { authorities: [authority.issuer], scopes: ['cases:read'] };
  const own = desk({ servers: { crm: { url: server.url } } });
  const trip = await own.start(await own.link());
  const back = new URL(await signIn(authority, trip.url.href, 'ada'));
  expect(back.origin + back.pathname).toBe(`${OWN}/oauth/callback`);
  const cookieOf = (name: string) => (name === trip.cookie.name ? trip.cookie.value : undefined);
  expect(await own.open.finish(back.searchParams, cookieOf, undefined)).toEqual({ ok: true, value: 'crm' });
  const obtained = await own.obtain();
  if (!obtained.ok || obtained.value === undefined) throw new Error('no credential');
  expect(obtained.value).toMatchObject({ header: 'authorization', audience: server.url, scopes: ['cases:read'] });
  const [, claims = ''] = obtained.value.value.reveal().slice('Bearer '.length).split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ sub: 'ada', aud: server.url });
  const before = [authority.seen.length, server.seen.length];
  expect(await own.obtain()).toEqual(obtained);
  expect([authority.seen.length, server.seen.length]).toEqual(before);
  const token = authority.seen.find(({ path }) => path === '/token');
  expect(token?.parameters).toMatchObject({ resource: server.url, grant_type: 'authorization_code' });
});

test('the person is sent with PKCE, the resource and a state of 256 bits, and with no secret', async () => {
  const authority = await lyingAuthority();
  const server = await protectedServer(authority.issuer);
  const own = desk({ servers: { crm: { url: server.url } } });
  const { url } = await own.start(await own.link());
  const asked = Object.fromEntries(url.searchParams);
  expect(asked).toMatchObject({
    client_id: `client 1 of ${authority.issuer}`,
    response_type: 'code',
    redirect_uri: `${OWN}/oauth/callback`,
    resource: server.url,
    code_challenge_method: 'S256',
  });
  expect(asked['state']).toHaveLength(43);
  expect(asked['code_challenge']).toHaveLength(43);
  expect(url.href).not.toContain('hush');
  expect(authority.registered).toMatchObject([
    { application_type: 'native', grant_types: expect.arrayContaining(['refresh_token']) },
  ]);
});

describe('a login is one person’s, in one browser, once:', () => {
  test('the link works once', async () => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    const link = await own.link();
    expect(await own.link()).toBe(link);
    await own.start(link);
    const id = link.slice(link.lastIndexOf('/') + 1);
    expect(await own.open.start(id, undefined)).toEqual({ ok: false, error: 'unknown' });
    expect(await own.link()).not.toBe(link);
  });

  test('a link and a state expire', async () => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    const link = await own.link();
    own.clock.at += 10 * 60_000;
    await expect(own.start(link)).rejects.toThrow('unknown');
    const trip = await own.start(await own.link());
    own.clock.at += 10 * 60_000;
    expect(await own.comeBack(trip)).toEqual({ ok: false, error: 'unknown' });
    expect(authority.tokens).toEqual([]);
  });

  test('the way back without the cookie of the browser that set out is refused, and used up', async () => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    const trip = await own.start(await own.link());
    const stolen = { ...trip, cookie: { ...trip.cookie, value: trip.cookie.value.replace(/^./, '~') } };
    expect(await own.comeBack(stolen)).toEqual({ ok: false, error: 'unknown' });
    expect(await own.comeBack(trip)).toEqual({ ok: false, error: 'unknown' });
    expect(authority.tokens).toEqual([]);
  });

  test('a state that came back once is worth nothing', async () => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    const trip = await own.start(await own.link());
    expect(await own.comeBack(trip)).toEqual({ ok: true, value: 'crm' });
    expect(await own.comeBack(trip)).toEqual({ ok: false, error: 'unknown' });
    expect(authority.tokens).toHaveLength(1);
  });

  const GRACE: Principal = {
    issuer: 'https://login.example.com',
    subject: 'grace',
    client: 'desk',
    actors: [],
    tenant: 'acme',
  };
  test.each([
    ['nobody is signed in', undefined],
    ['somebody else is signed in', callerOf({ ...GRACE, subject: 'eve' })],
    ['the same name of another issuer is', callerOf({ ...GRACE, issuer: 'https://evil.example.com' })],
    ['the same name of another tenant is', callerOf({ ...GRACE, tenant: 'other' })],
    ['an agent acts for them', callerOf({ ...GRACE, actors: ['https://login.example.com:agent'] })],
    ['the person at this machine is', callerOf({ ...ADA, subject: 'ada' })],
  ])('account linking is not finished where %s', async (_, person) => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    const link = await own.link({ principal: GRACE });
    await expect(own.start(link, person)).rejects.toThrow('somebody_else');
    const trip = await own.start(link, callerOf({ ...GRACE, client: 'browser' }));
    expect(await own.comeBack(trip, {}, person)).toEqual({ ok: false, error: 'somebody_else' });
    expect(authority.tokens).toEqual([]);
    const obtained = await own.obtain({ principal: GRACE });
    expect(obtained).toMatchObject({ ok: false, error: { kind: 'login' } });
  });

  test('it is finished by the very subject that signed in', async () => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    const herself = callerOf({ ...GRACE, client: 'browser' });
    const trip = await own.start(await own.link({ principal: GRACE }), herself);
    expect(await own.comeBack(trip, {}, herself)).toEqual({ ok: true, value: 'crm' });
  });

  test('a link for an agent of this machine is no proof where others reach us, nor where somebody else is signed in', async () => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const open = desk({ base: 'https://tools.example.com/mcp', servers: { crm: { url: server.url } } });
    await expect(open.start(await open.link())).rejects.toThrow('somebody_else');
    const here = desk({ servers: { crm: { url: server.url } } });
    await expect(here.start(await here.link(), callerOf(GRACE))).rejects.toThrow('somebody_else');
    await expect(here.start(await here.link(), callerOf({ ...ADA, subject: 'bob' }))).rejects.toThrow('somebody_else');
    expect(
      await here.comeBack(await here.start(await here.link(), callerOf({ ...ADA, subject: 'ada' }))),
    ).toMatchObject({
      ok: true,
    });
  });

  test('a token is the principal’s alone: not another subject’s, client’s, tenant’s or server’s', async () => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url }, wiki: { url: `${server.url}?wiki` } } });
    const credential = await own.logIn();
    expect(await own.obtain({ session: 's_2' })).toEqual({ ok: true, value: credential });
    for (const other of [
      { subject: 'agent-of:bob' },
      { client: 'other' },
      { tenant: 'other' },
      { issuer: 'https://x.example' },
    ])
      expect(await own.obtain({ principal: { ...ADA, ...other } })).toMatchObject({
        ok: false,
        error: { kind: 'login' },
      });
    expect(await own.obtain({ server: 'wiki' })).toMatchObject({ ok: false });
    expect(await own.obtain({ server: 'files' })).toEqual({ ok: true, value: undefined });
  });

  test('a session that is over has no links any more', async () => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    const link = await own.link();
    await own.credentials.leave('s_1');
    await expect(own.start(link)).rejects.toThrow('unknown');
  });
});

describe('what comes back is judged (RFC 9207):', () => {
  const refused = async (lies: object, answer: Readonly<Record<string, string | undefined>>) => {
    const authority = await lyingAuthority();
    authority.lies = { metadata: { authorization_response_iss_parameter_supported: true, ...lies } };
    const server = await protectedServer(authority.issuer);
    const own = desk({ servers: { crm: { url: server.url } } });
    const trip = await own.start(await own.link());
    const iss = answer['iss'] === 'SLASH' ? { iss: `${authority.issuer}/` } : {};
    const came = await own.comeBack(trip, { ...answer, ...iss });
    return { came, asked: authority.tokens.length, reports: own.reports.join('\n') };
  };
  const UNSAID = { authorization_response_iss_parameter_supported: false };

  test.each([
    ['another issuer', {}, { iss: 'https://evil.example.com' }],
    ['another issuer where none is promised', UNSAID, { iss: 'https://evil.example.com' }],
    ['the issuer, but for a slash', {}, { iss: 'SLASH' }],
    ['an empty issuer where none is promised', UNSAID, { iss: '' }],
    ['no issuer where one is promised', {}, { iss: undefined }],
  ])('a code from %s is not spent', async (_, lies, answer) => {
    const { came, asked, reports } = await refused(lies, answer);
    expect(came).toEqual({ ok: false, error: 'failed' });
    expect(asked).toBe(0);
    expect(reports).toContain('iss');
  });

  test('no issuer is fine where none is promised', async () => {
    expect(await refused(UNSAID, { iss: undefined })).toMatchObject({ came: { ok: true }, asked: 1 });
  });

  test('an error is told by its code alone, and one from another issuer not at all', async () => {
    const error = { code: undefined, error: 'access_denied', error_description: 'call 0800 EVIL' };
    const honest = await refused({}, error);
    expect(honest.came).toEqual({ ok: false, error: 'failed' });
    expect(honest.reports).toContain('access_denied');
    expect(honest.reports).not.toContain('EVIL');
    expect((await refused({}, { ...error, iss: 'https://evil.example.com' })).reports).not.toContain('access_denied');
  });

  test.each([
    ['more scopes than were asked for', { scope: 'cases:read admin' }, 'for more than was asked for: admin'],
    ['a token of another type', { token_type: 'DPoP' }, ''],
    ['no token', { access_token: undefined }, ''],
  ])('%s is not kept', async (_, token, why) => {
    const authority = await lyingAuthority();
    const server = await protectedServer(authority.issuer);
    server.says = { ...server.says, scopes: ['cases:read'] };
    authority.lies = { token };
    const own = desk({ servers: { crm: { url: server.url } } });
    expect(await own.comeBack(await own.start(await own.link()))).toEqual({ ok: false, error: 'failed' });
    expect(own.reports.join('\n')).toContain(why);
    expect(await own.obtain()).toMatchObject({ ok: false, error: { kind: 'login' } });
  });
});

describe('what is kept', () => {
  test('lies in sealed 0600 files, is there after a restart, and opens under another name or key to nobody', async () => {
    const authority = await lyingAuthority();
    authority.lies = { token: { access_token: 'canary-access', refresh_token: 'canary-refresh' } };
    const server = await protectedServer(authority.issuer);
    const servers = { crm: { url: server.url } };
    const first = desk({ servers });
    const credential = await first.logIn();
    expect(inspect(credential) + JSON.stringify(credential)).not.toContain('canary');
    const folder = join(first.folder, 'logins');
    const files = readdirSync(folder);
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(folder, file), 'latin1')).not.toMatch(/canary|hush|crm/);
    }
    const again = await desk({ folder: first.folder, key: first.key, servers }).obtain();
    expect(again.ok && again.value?.value.reveal()).toBe('Bearer canary-access');
    const foreign = await desk({ folder: first.folder, servers }).obtain();
    expect(foreign).toMatchObject({ ok: false, error: { kind: 'login' } });
    const [one = '', other = ''] = files;
    renameSync(join(folder, one), join(folder, 'between'));
    renameSync(join(folder, other), join(folder, one));
    renameSync(join(folder, 'between'), join(folder, other));
    expect(await desk({ folder: first.folder, key: first.key, servers }).obtain()).toMatchObject({ ok: false });
    expect([...first.reports].join('\n')).not.toContain('canary');
  });

  test('does not follow a server to another URL', async () => {
    const authority = await lyingAuthority();
    const [server, moved] = [await protectedServer(authority.issuer), await protectedServer(authority.issuer)];
    const first = desk({ servers: { crm: { url: server.url } } });
    await first.logIn();
    const elsewhere = desk({ folder: first.folder, key: first.key, servers: { crm: { url: moved.url } } });
    expect(await elsewhere.obtain()).toMatchObject({ ok: false, error: { kind: 'login' } });
  });
});
