/** How long a credential is kept, for whom, and what becomes of it. */
import { expect, test } from 'vitest';
import type { Credential } from '../../../src/domain/credential.ts';
import { asked, CRM, exchangeAt, issuerWith, opened, principalOf, wantedOf } from './opened.ts';

const shownBy = (obtained: { ok: boolean; value?: Credential | undefined }): string =>
  obtained.value?.value.reveal() ?? 'none';

test('twenty calls at once make one request, and the next has its credential at once', async () => {
  const server = await issuerWith();
  const { credentials } = opened(exchangeAt(server.issuer));
  const wanted = await wantedOf(server);
  const all = await Promise.all(Array.from({ length: 20 }, () => credentials.obtain(wanted)));
  expect(asked(server)).toBe(1);
  const kept = credentials.obtain(wanted);
  expect(kept).not.toBeInstanceOf(Promise);
  for (const one of all) expect(one).toBe(kept);
  // A renewed token of the same caller is no other caller.
  expect(credentials.obtain(await wantedOf(server))).toBe(kept);
});

test('no other session, subject, chain of actors or set of scopes gets it', async () => {
  const server = await issuerWith();
  const { credentials } = opened(exchangeAt(server.issuer));
  const first = await credentials.obtain(await wantedOf(server));
  const ada = principalOf(server, 'ada');
  const others = [
    await wantedOf(server, { session: 's_two' }),
    await wantedOf(server, { scopes: ['replies:send'] }),
    await wantedOf(server, { scopes: [] }, { scope: '' }),
    await wantedOf(server, { principal: { ...ada, actors: [`${server.issuer}:bot`] } }, { act: { sub: 'bot' } }),
    await wantedOf(server, { principal: principalOf(server, 'bob') }, { sub: 'bob' }),
  ];
  const values = [shownBy(first as never)];
  for (const wanted of others) values.push(shownBy((await credentials.obtain(wanted)) as never));
  expect(new Set(values).size).toBe(6);
  expect(values).not.toContain('none');
});

test('it is had anew shortly before it expires, and when the server has refused it', async () => {
  const server = await issuerWith({ resources: { [CRM]: { scopes: ['cases:read', 'replies:send'], lives: 600 } } });
  const clock = { at: Date.now() };
  const { credentials } = opened(exchangeAt(server.issuer), { now: () => clock.at });
  const wanted = await wantedOf(server);
  const first = await credentials.obtain(wanted);
  clock.at += 560_000;
  expect(credentials.obtain(wanted)).toBe(first);
  clock.at += 15_000;
  expect(credentials.obtain(wanted)).toBeInstanceOf(Promise);
  clock.at -= 575_000;
  const second = await credentials.obtain(wanted);
  if (!first.ok || !second.ok || first.value === undefined || second.value === undefined) throw new Error('none');
  expect(second).not.toBe(first);
  credentials.refused(wanted, first.value);
  expect(credentials.obtain(wanted)).toBe(second);
  credentials.refused(wanted, second.value);
  expect(credentials.obtain(wanted)).toBeInstanceOf(Promise);
});

test('one that lives no longer than it takes is used once and not kept', async () => {
  const server = await issuerWith({ resources: { [CRM]: { scopes: ['cases:read', 'replies:send'], lives: 20 } } });
  const { credentials } = opened(exchangeAt(server.issuer));
  const wanted = await wantedOf(server);
  expect(await credentials.obtain(wanted)).toMatchObject({ ok: true });
  expect(await credentials.obtain(wanted)).toMatchObject({ ok: true });
  expect(asked(server)).toBe(2);
  expect([...credentials.sessions()]).toEqual([]);
});

test('a failure is not kept: the next call asks again', async () => {
  const server = await issuerWith();
  const { credentials, reports } = opened(exchangeAt(server.issuer));
  const wanted = await wantedOf(server);
  server.misbehave(({ path }) => (path === '/token' ? { instead: { status: 503, body: 'down' } } : undefined));
  expect(await credentials.obtain(wanted)).toMatchObject({ ok: false });
  expect(await credentials.obtain(wanted)).toMatchObject({ ok: false });
  expect(reports).toHaveLength(1);
  server.misbehave(() => undefined);
  expect(await credentials.obtain(wanted)).toMatchObject({ ok: true });
});

test('at the end of a session its credentials are revoked, those on their way too, and nobody else’s', async () => {
  const server = await issuerWith();
  const { credentials } = opened(exchangeAt(server.issuer));
  const wanted = await wantedOf(server);
  const other = await credentials.obtain(await wantedOf(server, { session: 's_two' }));
  const kept = await credentials.obtain(wanted);
  const onItsWay = credentials.obtain(await wantedOf(server, { scopes: ['replies:send'] }));
  expect([...credentials.sessions()].sort()).toEqual(['s_one', 's_two']);
  await credentials.leave('s_one');
  expect(await onItsWay).toMatchObject({ ok: false, error: { why: 'the session is over' } });
  const revoked = server.seen
    .filter(({ path }) => path === '/token/revocation')
    .map(({ parameters }) => parameters['token']);
  expect(revoked).toHaveLength(2);
  expect(revoked).toContain(shownBy(kept as never).replace('Bearer ', ''));
  expect(revoked).not.toContain(shownBy(other as never).replace('Bearer ', ''));
  expect([...credentials.sessions()]).toEqual(['s_two']);
  expect(credentials.obtain(wanted)).toBeInstanceOf(Promise);
});

test('an issuer that cannot revoke is told to the operator, and the session ends all the same', async () => {
  const server = await issuerWith();
  const { credentials, reports } = opened(exchangeAt(server.issuer));
  await credentials.obtain(await wantedOf(server));
  server.misbehave(({ path }) => (path.includes('revocation') ? { instead: { status: 500, body: 'no' } } : undefined));
  await credentials.leave('s_one');
  expect(reports).toEqual(['crm: its credential could not be revoked, and will expire']);
  expect([...credentials.sessions()]).toEqual([]);
});

test('a server that takes none gets none, at once', () => {
  const { credentials } = opened(exchangeAt('https://login.example.com'));
  const wanted = {
    server: 'other',
    session: 's',
    principal: { issuer: 'i', subject: 's', client: 'c', actors: [], tenant: 't' },
    scopes: [],
    subjectToken: undefined,
  };
  expect(credentials.obtain(wanted)).toEqual({ ok: true, value: undefined });
});
