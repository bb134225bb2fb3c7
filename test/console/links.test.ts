/** On loopback without an issuer a person looks by a single-use link, and changes nothing over it. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiToken, ask } from '../support/api-posts.ts';
import { environmentOf, type RunningGateway, run, startGateway, temporaryFolder } from '../support/gateway.ts';
import { browserOf } from '../support/people.ts';
import { recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let session: string;

beforeAll(async () => {
  const { yaml } = recordingServer(folder);
  gateway = await startGateway(
    `version: 1\nprofile: p\nwho: local\nservers: { rough: ${yaml} }\ntools: { rough.rough: { effect: read } }\n`,
    { folder },
  );
  const { body } = await ask(gateway, '/api/sessions', { token: apiToken(gateway), body: { profile: 'p' } });
  session = String(body['id']);
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const origin = () => `http://127.0.0.1:${gateway.port}`;
const link = async (): Promise<string> => {
  const { stdout } = await gateway.command('open');
  expect(stdout).toMatch(new RegExp(`^${origin()}/open/[\\w-]{43}\n$`));
  return new URL(stdout.trim()).pathname;
};

test('it is followed once, looks, and every change over its cookie is refused', async () => {
  const path = await link();
  const [browser, second] = [browserOf({ gateway, origin: origin() }), browserOf({ gateway, origin: origin() })];
  const entered = await browser.get(path);
  expect([entered.status, entered.headers.get('location')]).toEqual([303, `${origin()}/`]);
  const again = await second.get(path);
  expect([again.status, second.cookies.size]).toEqual([403, 0]);
  const page = await browser.get('/');
  expect(page.text).toContain('you look, and change nothing');
  expect((await browser.get('/sessions')).text).toContain(session);
  expect((await browser.get('/api/sessions')).text).toContain(session);
  const why = { why: 'x' };
  const holding = { passphrase: 'correct horse', because: 'x' };
  const changes: readonly (readonly [string, object])[] = [
    ['/api/sessions', { profile: 'p' }],
    ...['pause', 'resume', 'complete', 'archive'].map((verb) => [`/api/sessions/${session}/${verb}`, why] as const),
    ['/api/holds/h_1/approve', holding],
    ['/api/holds/h_1/deny', holding],
    ['/api/approvers', { passphrase: 'correct horse' }],
    ['/api/approvers/x/accept', { passphrase: 'correct horse', kid: 'x' }],
  ];
  for (const [at, body] of changes)
    expect([at, (await browser.send(at, body)).body['reason']]).toEqual([at, 'looks_only']);
  expect((await ask(gateway, `/api/sessions/${session}`, { token: apiToken(gateway) })).body['state']).toBe('created');
});

test('without a link there is no page, and no login where no issuer is set', async () => {
  const nobody = browserOf({ gateway, origin: origin() });
  const front = await nobody.get('/');
  expect([front.status, front.text.includes(session)]).toEqual([401, false]);
  expect((await nobody.get('/sign-in')).status).toBe(404);
  expect((await nobody.get('/sign-in/callback?code=x&state=y')).status).toBe(400);
  expect((await nobody.get(`/open/${'A'.repeat(43)}`)).status).toBe(403);
});

test('no gateway, no link', async () => {
  const elsewhere = temporaryFolder();
  const { code, stderr } = await run(['open'], environmentOf(elsewhere));
  rmSync(elsewhere, { recursive: true, force: true });
  expect([code, stderr]).toEqual([69, 'tollgate: no gateway runs here: start it (tollgate serve)\n']);
});
