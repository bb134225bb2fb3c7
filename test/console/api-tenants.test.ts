/** The API with tokens of an issuer: what each scope lets, and what no token of another tenant or of an agent ever learns. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiAnswered, apiToken, ask } from '../support/api-posts.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { API_AUDIENCE, AUDIENCE, type Claims, ISSUER, openIssuer, type TestIssuer } from '../support/issuer.ts';
import { legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;
let issuer: TestIssuer;

const policyOf = (profile: string, who: string): string =>
  `version: 1\nprofile: ${profile}\nwho: ${who}\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: read } }\n`;

beforeAll(async () => {
  server = recordingServer(folder);
  issuer = await openIssuer(folder);
  writeFileSync(
    join(folder, 'gateway.yaml'),
    `version: 1\n${issuer.yaml(`tenant: org, api_audience: "${API_AUDIENCE}"`)}`,
  );
  writeFileSync(join(folder, 'leads.yaml'), policyOf('leads', `[{ issuer: "${ISSUER}", groups: [leads] }]`));
  const words = ['--config', join(folder, 'gateway.yaml'), '--policy', join(folder, 'leads.yaml')];
  const who = `[local, { issuer: "${ISSUER}", tenants: [acme, zeta] }]`;
  gateway = await startGateway(policyOf('all', who), { folder, words });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ALL = 'sessions:create sessions:read sessions:write';
const OPS: Claims = { sub: 'ops', client_id: 'console', scope: ALL };

/** With a token for the API that says this. */
const api = async (claims: Claims, path: string, body?: unknown): Promise<ApiAnswered> =>
  ask(gateway, `/api${path}`, { token: await issuer.token({ aud: API_AUDIENCE, ...claims }), body });

async function created(claims: Claims = OPS, more: object = {}): Promise<string> {
  const { status, body } = await api(claims, '/sessions', { profile: 'all', ...more });
  expect(status).toBe(201);
  return String(body['id']);
}

const seenBy = async (claims: Claims): Promise<readonly string[]> => {
  const { body } = await api(claims, '/sessions?limit=200');
  return (body['sessions'] as readonly { readonly id: string }[]).map(({ id }) => id);
};

const UNKNOWN = { status: 404, reason: 'session_unknown', detail: 'Session unknown', title: 'Not Found' };
const why = { why: 'because' };
const VERBS = ['pause', 'resume', 'complete', 'archive'];

async function work(era: 'modern' | 'legacy', claims: Claims, path: string): Promise<string> {
  const to = { url: `${gateway.url}${path}`, token: await issuer.token(claims) };
  const given = { do: 'echo' };
  const message =
    era === 'legacy'
      ? legacyCall('rough__rough', given)
      : modernRequest('tools/call', { name: 'rough__rough', arguments: given });
  const answer = await post(to, message, era === 'legacy' ? {} : modernHeaders(message));
  return answer.last.error === undefined ? textOf(answer) : String(answer.last.error['message']);
}

describe('a session that is opened for another principal', () => {
  test.each(['modern', 'legacy'] as const)('is that one’s, by its URL or a token with sid, %s', async (era) => {
    const subject = `ada-${era}`;
    const id = await created(OPS, { principal: { subject, client: 'desk' } });
    expect(await work(era, { sub: subject }, `/${id}`)).toBe('ok');
    expect(await work(era, { sub: subject, sid: id }, '')).toBe('ok');
    expect(await work(era, { sub: 'eve' }, `/${id}`)).toBe('Session unknown');
    expect(await work(era, { sub: subject, org: 'zeta' }, `/${id}`)).toBe('Session unknown');
    expect(await work(era, { sub: subject, client_id: 'other', sid: id }, '')).toBe('Session unknown');
    expect((await api(OPS, `/sessions/${id}`)).body).toMatchObject({
      principal: { issuer: ISSUER, subject, client: 'desk', tenant: 'acme' },
      used: { calls: 2 },
    });
  });

  test('is on record with who opened it', async () => {
    const id = await created(OPS, { principal: { subject: 'ada', client: 'desk' } });
    const { stdout } = await gateway.command('trace', id, '--json');
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ kind: 'opened', body: { by: `${ISSUER}:ops` } });
  });

  test('is opened under no profile that asks for groups, which only the own token of that one says', async () => {
    const leads = { profile: 'leads' };
    const lead: Claims = { ...OPS, groups: ['leads'] };
    expect((await api(lead, '/sessions', leads)).status).toBe(201);
    const other = await api(lead, '/sessions', { ...leads, principal: { subject: 'ada', client: 'desk' } });
    const none = await api(lead, '/sessions', { profile: 'none' });
    expect([other.status, other.body]).toEqual([400, none.body]);
    expect((await api(OPS, '/sessions', leads)).body).toEqual(none.body);
  });
});

describe('a token', () => {
  test('for the tools opens nothing here, nor one for both, nor one for the API there', async () => {
    for (const aud of [AUDIENCE, [AUDIENCE, API_AUDIENCE], [API_AUDIENCE, AUDIENCE], 'https://other.example', '']) {
      const { status } = await api({ ...OPS, aud }, '/sessions');
      expect(status).toBe(401);
    }
    expect((await api({ ...OPS, aud: [API_AUDIENCE, 'https://other.example'] }, '/sessions')).status).toBe(200);
    expect(await work('modern', { ...OPS, aud: API_AUDIENCE }, '')).toMatch(/^Unauthorized/);
  });

  test('without its scope opens and changes nothing, and learns of no session by that', async () => {
    const id = await created();
    const reader: Claims = { sub: 'reader', scope: 'sessions:read' };
    const refused = await api(reader, '/sessions', { profile: 'all' });
    expect([refused.status, refused.body['reason']]).toEqual([403, 'insufficient_scope']);
    expect(refused.headers.get('www-authenticate')).toMatch(/error="insufficient_scope", scope="sessions:create"/);
    for (const verb of VERBS) {
      const [there, none] = [
        await api(reader, `/sessions/${id}/${verb}`, why),
        await api(reader, `/sessions/s_1/${verb}`, why),
      ];
      expect([there.status, there.body]).toEqual([403, none.body]);
    }
    expect((await api({ ...OPS, scope: 'sessions:create sessions:read' }, `/sessions/${id}/pause`, why)).status).toBe(
      403,
    );
    expect((await api(OPS, `/sessions/${id}`)).body).toMatchObject({ state: 'created' });
  });

  test('without sessions:read sees the sessions of its own principal alone', async () => {
    const own: Claims = { sub: 'own', client_id: 'desk' };
    const mine = await created({ ...own, scope: 'sessions:create' });
    const theirs = await created();
    expect(await seenBy(own)).toEqual([mine]);
    expect((await api(own, `/sessions/${mine}`)).status).toBe(200);
    expect((await api(own, `/sessions/${theirs}`)).body).toEqual(UNKNOWN);
    expect((await api({ ...own, client_id: 'other' }, `/sessions/${mine}`)).body).toEqual(UNKNOWN);
    expect(await seenBy({ ...own, scope: 'sessions:read' })).toEqual(expect.arrayContaining([mine, theirs]));
  });

  test('that acts for somebody decides nothing, whatever its scopes, and reads what is that principal’s alone', async () => {
    const acted: Claims = { sub: 'ops', client_id: 'console', scope: ALL, act: { sub: 'bot' } };
    const [mine, theirs] = [await created(), await created({ ...OPS, sub: 'lead' })];
    for (const path of ['/sessions', ...VERBS.map((verb) => `/sessions/${mine}/${verb}`)]) {
      const { status, body } = await api(acted, path, path === '/sessions' ? { profile: 'all' } : why);
      expect([status, body['reason']]).toEqual([403, 'acted']);
    }
    expect((await api(acted, `/sessions/${mine}`)).body).toMatchObject({ state: 'created' });
    expect((await api(acted, `/sessions/${theirs}`)).body).toEqual(UNKNOWN);
    expect(await seenBy(acted)).not.toContain(theirs);
  });

  test('for one session sees and changes that one, and opens none', async () => {
    const [one, other] = [await created(), await created()];
    const bound: Claims = { ...OPS, sid: one };
    expect(await seenBy(bound)).toEqual([one]);
    expect((await api(bound, `/sessions/${other}`)).body).toEqual(UNKNOWN);
    expect((await api(bound, `/sessions/${other}/pause`, why)).body).toEqual(UNKNOWN);
    expect((await api(bound, '/sessions', { profile: 'all' })).status).toBe(403);
    expect((await api(bound, `/sessions/${one}/pause`, why)).status).toBe(200);
  });

  test('that has expired, or was issued for the future, is none', async () => {
    const at = Math.floor(Date.now() / 1000);
    for (const claims of [{ exp: at - 60 }, { iat: at + 600 }, { nbf: at + 600 }, { sub: undefined }])
      expect((await api({ ...OPS, ...claims }, '/sessions')).status).toBe(401);
  });
});

test('tenants never meet: what is of another answers in every way as what is not there', async () => {
  const zeta: Claims = { ...OPS, org: 'zeta' };
  const id = await created();
  const theirs = await created(zeta);
  expect(await seenBy(zeta)).not.toContain(id);
  expect(await seenBy(OPS)).not.toContain(theirs);
  expect((await api(zeta, `/sessions/${id}`)).body).toEqual(UNKNOWN);
  for (const verb of VERBS) expect((await api(zeta, `/sessions/${id}/${verb}`, why)).body).toEqual(UNKNOWN);
  const [foreign, none] = [await api(zeta, `/sessions?after=${id}`), await api(zeta, '/sessions?after=s_none')];
  expect([foreign.status, foreign.body]).toEqual([400, none.body]);
  const made = await api(zeta, '/sessions', { profile: 'all', principal: { subject: 'ada', client: 'desk' } });
  expect(made.body).toMatchObject({ principal: { tenant: 'zeta' } });
  expect((await api(OPS, `/sessions/${id}`)).body).toMatchObject({ state: 'created' });
});

test('the person of this machine and the issuer’s callers see nothing of each other', async () => {
  const token = apiToken(gateway);
  const local: Claims = { ...OPS, org: 'local' };
  const [theirs, ours] = [await created(), await ask(gateway, '/api/sessions', { token, body: { profile: 'all' } })];
  expect((await ask(gateway, `/api/sessions/${theirs}`, { token })).body).toEqual(UNKNOWN);
  expect((await ask(gateway, `/api/sessions/${theirs}/pause`, { token, body: why })).body).toEqual(UNKNOWN);
  expect((await api(local, `/sessions/${ours.body['id']}`)).body).toEqual(UNKNOWN);
  expect(await seenBy(local)).toEqual([]);
});
