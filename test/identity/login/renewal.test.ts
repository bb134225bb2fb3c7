/** How long a login lasts: renewed, rotated, refused, widened, given up. */
import { describe, expect, test } from 'vitest';
import { type Desk, desk } from './desk.ts';
import { type LyingAuthority, lyingAuthority, type ProtectedServer, protectedServer } from './protected-server.ts';

async function loggedIn(token: object): Promise<{ own: Desk; authority: LyingAuthority; server: ProtectedServer }> {
  const authority = await lyingAuthority();
  authority.lies = { token: token as Readonly<Record<string, unknown>> };
  const server = await protectedServer(authority.issuer);
  server.says = { ...server.says, scopes: ['a'] };
  const own = desk({ servers: { crm: { url: server.url } } });
  await own.logIn();
  return { own, authority, server };
}

const bearer = async (own: Desk): Promise<string | undefined> => {
  const obtained = await own.obtain();
  return obtained.ok ? obtained.value?.value.reveal() : obtained.error.kind;
};

const HOUR = 3_600_000;

describe('a token that is about to expire', () => {
  test('is renewed by one request, however many ask', async () => {
    const { own, authority, server } = await loggedIn({ refresh_token: 'first' });
    own.clock.at += HOUR - 29_000;
    const all = await Promise.all(Array.from({ length: 20 }, () => bearer(own)));
    expect(new Set(all)).toEqual(new Set(['Bearer token 2']));
    expect(authority.tokens).toHaveLength(2);
    expect(authority.tokens[1]).toMatchObject({
      grant_type: 'refresh_token',
      resource: server.url,
      refresh_token: 'first',
    });
  });

  test('gives its rotated refresh token to the next renewal, and the one before to none', async () => {
    const { own, authority } = await loggedIn({ refresh_token: 'first' });
    authority.lies = { token: { refresh_token: 'second' } };
    own.clock.at += HOUR;
    await bearer(own);
    authority.lies = {};
    own.clock.at += HOUR;
    await bearer(own);
    own.clock.at += HOUR;
    await bearer(own);
    expect(authority.tokens.map((token) => token['refresh_token'])).toEqual([undefined, 'first', 'second', 'second']);
  });

  test('is forgotten where its grant is not good any more, and its person logs in anew', async () => {
    const { own, authority } = await loggedIn({ refresh_token: 'first' });
    authority.lies = { tokenStatus: 400, token: { error: 'invalid_grant', access_token: undefined } };
    own.clock.at += HOUR;
    expect(await bearer(own)).toBe('login');
    expect(await bearer(own)).toBe('login');
    expect(authority.tokens).toHaveLength(2);
  });

  test('is used to its end where the authorization server is away, and no longer', async () => {
    const { own, authority } = await loggedIn({ refresh_token: 'first' });
    authority.lies = { tokenStatus: 503, token: { access_token: undefined } };
    own.clock.at += HOUR - 10_000;
    expect(await bearer(own)).toBe('Bearer token 1');
    own.clock.at += 10_000;
    expect(await bearer(own)).toBe('failed');
    authority.lies = {};
    expect(await bearer(own)).toMatch(/^Bearer token/);
  });

  test('is not renewed for more than was asked for', async () => {
    const { own, authority } = await loggedIn({ refresh_token: 'first' });
    authority.lies = { token: { scope: 'a admin' } };
    own.clock.at += HOUR;
    expect(await bearer(own)).toBe('failed');
  });

  test('shows its refresh token to no other authority, where the server has changed to one', async () => {
    const { own, server } = await loggedIn({ refresh_token: 'first' });
    const other = await lyingAuthority();
    server.says = { authorities: [other.issuer] };
    own.clock.at += HOUR;
    expect(await bearer(own)).toBe('login');
    expect(other.tokens).toEqual([]);
  });

  test('without a refresh token its person logs in anew', async () => {
    const { own } = await loggedIn({});
    own.clock.at += HOUR;
    expect(await bearer(own)).toBe('login');
  });
});

describe('a token that the server refuses', () => {
  test('is handed out no more: renewed where it can be, once', async () => {
    const { own } = await loggedIn({ refresh_token: 'first' });
    for (const next of ['Bearer token 2', 'login']) {
      const obtained = await own.obtain();
      if (!obtained.ok || obtained.value === undefined) throw new Error('no credential');
      own.refuse(obtained.value, { status: 401, header: undefined });
      expect(await bearer(own)).toBe(next);
    }
  });

  test('takes no other with it: what is refused late is not what is used now', async () => {
    const { own } = await loggedIn({});
    const old = await own.obtain();
    if (!old.ok || old.value === undefined) throw new Error('no credential');
    own.refuse(old.value, { status: 401, header: undefined });
    const next = await own.logIn();
    own.refuse(old.value, { status: 401, header: undefined });
    expect(await own.obtain()).toEqual({ ok: true, value: next });
  });

  test('for want of scopes sends its person to agree to them beside those it has', async () => {
    const { own } = await loggedIn({});
    const credential = await own.obtain();
    if (!credential.ok || credential.value === undefined) throw new Error('no credential');
    own.refuse(credential.value, { status: 403, header: 'Bearer error="insufficient_scope", scope="b"' });
    const { url } = await own.start(await own.link());
    expect(url.searchParams.get('scope')?.split(' ').sort()).toEqual(['a', 'b']);
  });

  test('for want of scopes that were asked for sends nobody round in a circle', async () => {
    const { own } = await loggedIn({});
    const credential = await own.obtain();
    if (!credential.ok || credential.value === undefined) throw new Error('no credential');
    own.refuse(credential.value, { status: 403, header: 'Bearer error="insufficient_scope", scope="a"' });
    expect(await own.obtain()).toEqual(credential);
  });

  test('and the next ones too: after three logins nobody is asked for a fourth', async () => {
    const { own } = await loggedIn({});
    for (let logins = 1; logins < 3; logins++) {
      const credential = await own.obtain();
      if (!credential.ok || credential.value === undefined) throw new Error('no credential');
      own.refuse(credential.value, { status: 403, header: `Bearer error="insufficient_scope", scope="s${logins}"` });
      await own.logIn();
    }
    const last = await own.obtain();
    if (!last.ok || last.value === undefined) throw new Error('no credential');
    own.refuse(last.value, { status: 401, header: undefined });
    expect(await own.obtain()).toMatchObject({ ok: false, error: { kind: 'failed' } });
    own.clock.at += 10 * 60_000;
    expect(await own.obtain()).toMatchObject({ ok: false, error: { kind: 'login' } });
  });
});

test('a tool’s own scopes are asked for before it is called', async () => {
  const { own } = await loggedIn({});
  const { url } = await own.start(await own.link({ scopes: ['cases:write'] }));
  expect(url.searchParams.get('scope')?.split(' ').sort()).toEqual(['a', 'cases:write']);
});
