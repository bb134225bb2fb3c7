/** `/live` says that something changed and nothing else, to who may know it, for as long as that person is signed in; forms come from our page alone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IDLE } from '../../../src/console/people/browser-sessions.ts';
import type { Role } from '../../../src/domain/role.ts';
import { answeredElsewhere, type Desk, openDesk, PASSPHRASE } from '../../support/desk.ts';
import { until } from '../../support/downstream.ts';

const POLICY = `version: 1
profile: desk
who: local
servers: { rough: { command: [node] } }
tools: { rough.other: { effect: write, approval: { reason: Look. } } }
`;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk(['bob'], POLICY);
});
afterAll(async () => {
  await desk.close();
});

interface Signed {
  readonly cookie: string;
  readonly csrf: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
}

async function signedIn(who: string, roles: readonly Role[] = ['approver'], tenant = 'local'): Promise<Signed> {
  const begun = await fetch(desk.comesIn(who, roles, { tenant }), { redirect: 'manual' });
  const [underWay = ''] = begun.headers.getSetCookie();
  const back = await fetch(begun.headers.get('location') ?? '', {
    redirect: 'manual',
    headers: { cookie: underWay.split(';')[0] ?? '' },
  });
  const set = back.headers.getSetCookie().find((one) => one.startsWith('tollgate-person=')) ?? '';
  expect(set).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
  const cookie = set.split(';')[0] ?? '';
  const get: Signed['get'] = (path, headers = {}) =>
    fetch(`${desk.origin}${path}`, { headers: { cookie, ...headers } });
  const csrf = /name="csrf" value="([\w-]+)"/.exec(await (await get('/')).text())?.[1] ?? '';
  const post: Signed['post'] = (path, fields, headers = {}) =>
    fetch(`${desk.origin}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, origin: desk.origin, ...headers },
      body: new URLSearchParams({ csrf, ...fields }),
    });
  return { cookie, csrf, get, post };
}

/** What a stream has said so far, and whether it has ended. */
function listen(response: Response): {
  readonly said: () => string;
  readonly isOver: () => boolean;
  readonly leave: () => Promise<void>;
} {
  let [said, isOver] = ['', false];
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream()).getReader();
  const read = async (): Promise<void> => {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) said += piece.value;
  };
  read()
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  return { said: () => said, isOver: () => isOver, leave: () => reader.cancel() };
}

const NEWS = 'event: news\ndata:\n\n';

test('it tells of a hold, of an answer and of the end of a call, and says no word of what they are', async () => {
  const bob = await signedIn('bob');
  const inbox = listen(await bob.get('/live?of=holds'));
  await until(async () => inbox.said() === NEWS);
  const hold = await desk.asks({ secret: 'canary' }, { task: 'canary', agentReason: 'canary' });
  await until(async () => inbox.said() === NEWS.repeat(2));
  const one = listen(await bob.get(`/live?of=hold:${hold.id}`));
  await until(async () => one.said() === NEWS);
  await answeredElsewhere(desk, hold, 'approve', 'grace');
  await until(async () => one.said() === NEWS.repeat(2) && inbox.said() === NEWS.repeat(3));
  const settle = await desk.runs(hold, 'under way');
  await until(async () => one.said() === NEWS.repeat(3));
  await settle();
  await until(async () => one.said() === NEWS.repeat(4));
  for (const { leave } of [inbox, one]) await leave();
});

test('it tells whoever watches a session of each call there, as it begins and as it ends', async () => {
  const bob = await signedIn('bob');
  const hold = await desk.asks({ n: 'watched' });
  await answeredElsewhere(desk, hold, 'approve', 'grace');
  const session = listen(await bob.get(`/live?of=session:${hold.session}`));
  await until(async () => session.said() === NEWS);
  const settle = await desk.runs(hold, 'under way');
  await until(async () => session.said() === NEWS.repeat(2));
  await settle();
  await until(async () => session.said() === NEWS.repeat(3));
  await session.leave();
});

test('without a cookie, of another tenant, without the role, from elsewhere and of nothing there is no stream', async () => {
  const hold = await desk.asks({ n: 'closed' });
  const [bob, zoe, viewer] = [
    await signedIn('bob'),
    await signedIn('zoe', ['approver'], 'zeta'),
    await signedIn('eve', ['viewer']),
  ];
  const of = `/live?of=hold:${hold.id}`;
  const refused = [
    [401, await fetch(`${desk.origin}${of}`)],
    [404, await zoe.get(of)],
    [404, await zoe.get(`/live?of=session:${hold.session}`)],
    [404, await viewer.get(of)],
    [404, await viewer.get('/live?of=holds')],
    [403, await bob.get(of, { 'sec-fetch-site': 'same-site' })],
    [404, await bob.get('/live?of=hold:h_none')],
    [404, await bob.get('/live?of=call:x')],
    [404, await bob.get('/live')],
    [404, await bob.get(`/live?${'of=holds&'.repeat(5)}`)],
  ] as const;
  for (const [status, response] of refused) {
    expect([status, await response.text()]).toEqual([response.status, expect.not.stringContaining('news')]);
  }
});

test('a stream of another tenant hears nothing but its beginning', async () => {
  const zoe = await signedIn('zoe', ['approver'], 'zeta');
  const stream = listen(await zoe.get('/live?of=sessions'));
  await until(async () => stream.said() === NEWS);
  expect((await (await zoe.get('/sessions')).text()).includes('agent-of:ada')).toBe(false);
  await stream.leave();
});

test('one browser opens a bounded number of streams, and a left one makes room', async () => {
  const bob = await signedIn('bob');
  const streams = [];
  for (let count = 0; count < 12; count++) streams.push(listen(await bob.get('/live?of=holds')));
  expect((await bob.get('/live?of=holds')).status).toBe(429);
  await streams[0]?.leave();
  await until(async () => {
    const again = await bob.get('/live?of=holds');
    await again.body?.cancel();
    return again.status === 200;
  });
  for (const { leave } of streams) await leave();
});

test('it ends when its person signs out, or signs in again', async () => {
  const bob = await signedIn('bob');
  const stream = listen(await bob.get('/live?of=holds'));
  await until(async () => stream.said() === NEWS);
  expect((await bob.post('/sign-out', {})).status).toBe(303);
  await until(async () => stream.isOver());
  expect((await bob.get('/live?of=holds')).status).toBe(401);
});

test('a page that fetches anew by itself keeps nobody signed in, and loads as the door in the end', async () => {
  const bob = await signedIn('bob');
  for (let times = 0; times < 3; times++) {
    desk.pass(IDLE / 4);
    expect((await bob.get('/', { 'hx-request': 'true' })).status).toBe(200);
  }
  desk.pass(IDLE / 4);
  const late = await bob.get('/', { 'hx-request': 'true' });
  expect([late.status, late.headers.get('hx-refresh')]).toEqual([401, 'true']);
});

test('an answer comes from our own page with its token, or not at all', async () => {
  const hold = await desk.asks({ n: 'forged' });
  const [bob, other] = [await signedIn('bob'), await signedIn('carol')];
  const path = `/holds/${hold.id}/approve`;
  const fields = { passphrase: PASSPHRASE };
  const forged = [
    await bob.post(path, { ...fields, csrf: '' }),
    await bob.post(path, { ...fields, csrf: other.csrf }),
    await bob.post(path, fields, { origin: 'https://evil.example' }),
    await bob.post(path, fields, { origin: 'null' }),
    await fetch(`${desk.origin}${path}`, {
      method: 'POST',
      headers: { cookie: bob.cookie },
      body: new URLSearchParams({ ...fields, csrf: bob.csrf }),
    }),
  ];
  for (const response of forged)
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('own page')]);
  const nobody = await fetch(`${desk.origin}${path}`, {
    method: 'POST',
    headers: { origin: desk.origin },
    body: new URLSearchParams(fields),
  });
  expect(nobody.status).toBe(401);
  expect((await bob.get(path)).status).toBe(404);
  const twice = await fetch(`${desk.origin}${path}`, {
    ...{ method: 'POST', headers: { cookie: bob.cookie, origin: desk.origin } },
    body: new URLSearchParams([
      ['csrf', bob.csrf],
      ['csrf', bob.csrf],
      ['passphrase', PASSPHRASE],
    ]),
  });
  expect(twice.status).toBe(403);
  expect(await desk.ledger.hold(hold.id, desk.now())).toMatchObject({ state: 'open' });
  const taken = await bob.post(path, fields);
  expect([taken.status, taken.headers.get('location')]).toEqual([303, `${desk.origin}/holds/${hold.id}`]);
  expect(await desk.ledger.hold(hold.id, desk.now())).toMatchObject({ state: 'approved' });
});

test('a passphrase of nothing, roles that do not answer and other tenants change nothing over the form', async () => {
  const hold = await desk.asks({ n: 'form' });
  const path = `/holds/${hold.id}/approve`;
  const statuses = [
    await (await signedIn('bob')).post(path, {}),
    await (await signedIn('bob', ['auditor'])).post(path, { passphrase: PASSPHRASE }),
    await (await signedIn('bob', ['approver'], 'zeta')).post(path, { passphrase: PASSPHRASE }),
    await (await signedIn('bob')).post('/holds/h_none/approve', { passphrase: PASSPHRASE }),
    await (await signedIn('bob')).post(path, { passphrase: PASSPHRASE, because: 'x'.repeat(501) }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([400, 403, 404, 404, 400]);
  expect(await desk.ledger.hold(hold.id, desk.now())).toMatchObject({ state: 'open', decisions: [] });
});

test('pages may load scripts and styles of ours alone, be framed by nobody, and are kept by no cache', async () => {
  const { headers } = await (await signedIn('bob')).get('/');
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
  expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
  const asset = await fetch(`${desk.origin}/assets/console.js`);
  expect([asset.status, asset.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  for (const path of ['/assets/../console/api.ts', '/assets/api.ts', '/assets/%2e%2e/api.ts', '/assets/'])
    expect((await fetch(`${desk.origin}${path}`)).status).not.toBe(200);
});

test('who follows a link to a hold comes to it once signed in; a link to elsewhere leads to the inbox', async () => {
  const door = await (await fetch(`${desk.origin}/holds/h_1`)).text();
  expect(door).toContain('href="/sign-in?to=/holds/h_1"');
  const landed = async (to: string): Promise<string | null> => {
    desk.comesIn('bob');
    const begun = await fetch(`${desk.origin}/sign-in?to=${encodeURIComponent(to)}`, { redirect: 'manual' });
    const [cookie = ''] = begun.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
    const back = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual', headers: { cookie } });
    return back.headers.get('location');
  };
  expect(await landed('/holds/h_1')).toBe(`${desk.origin}/holds/h_1`);
  for (const evil of [
    '//evil.example',
    'https://evil.example',
    '/\\\\evil.example',
    '/holds/../..',
    '/holds/h_1?x=1',
    'evil',
  ])
    expect([evil, await landed(evil)]).toEqual([evil, `${desk.origin}/`]);
});
