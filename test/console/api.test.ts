/** The API over a real gateway, as the person of this machine uses it. Each refusal is a danger, or help for a program. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiAsked, apiToken, ask } from '../support/api-posts.ts';
import { until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;
let token: string;

beforeAll(async () => {
  server = recordingServer(folder);
  gateway = await startGateway(
    `version: 1
profile: support
who: local
servers: { rough: ${server.yaml} }
tools:
  rough.rough: { effect: read, labels: [private] }
  rough.other: { effect: write, approval: { reason: Somebody should look. } }
budgets: { session: { calls: 5, runtime: 1m }, principal: { sessions: 30 } }
session: { max_age: 8h }
`,
    { folder },
  );
  token = apiToken(gateway);
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const api = (path: string, asked: ApiAsked = {}) => ask(gateway, `/api${path}`, { token, ...asked });
const DIGEST = `sha256:${'a'.repeat(64)}`;

async function created(more: object = {}): Promise<string> {
  const { status, body } = await api('/sessions', { body: { profile: 'support', ...more } });
  expect(status).toBe(201);
  return String(body['id']);
}

const modern = (path: string, given: object = { do: 'echo' }) => {
  const message = modernRequest('tools/call', { name: 'rough__rough', arguments: { ...given } });
  return post({ ...gateway, url: `${gateway.url}${path}` }, message, modernHeaders(message));
};
const legacy = (path: string, name = 'rough__rough') =>
  post({ ...gateway, url: `${gateway.url}${path}` }, legacyCall(name, { do: 'echo' }));

describe('a session that is created', () => {
  test('is the local agent’s, says what it is for, and is where Location says', async () => {
    const made = await api('/sessions', {
      body: {
        profile: 'support',
        task: 'Answer the case c1.',
        instructions: { text: 'Be brief.' },
        model: 'a-model',
        route: 'https://models.example.com',
      },
    });
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect(made.body).toMatchObject({
      url: `/mcp/${id}`,
      state: 'created',
      profile: 'support',
      principal: { issuer: 'local', subject: expect.stringMatching(/^agent-of:/), client: 'local', tenant: 'local' },
      named: true,
      task: 'Answer the case c1.',
      instructions: { digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
      model: 'a-model',
      route: 'https://models.example.com',
      labels: [],
      left: { calls: 5, runtime: 60 },
      open_holds: 0,
    });
    expect(made.text).not.toContain('Be brief.');
    expect(made.headers.get('location')).toBe(`/api/sessions/${id}`);
    const shown = await api(`/sessions/${id}`);
    expect([shown.status, shown.body]).toEqual([200, made.body]);
    const age = Date.parse(String(shown.body['expires_at'])) - Date.parse(String(shown.body['opened_at']));
    expect(age).toBe(8 * 60 * 60_000);
  });

  test('keeps of instructions that come as a digest that digest', async () => {
    const id = await created({ instructions: { digest: DIGEST } });
    expect((await api(`/sessions/${id}`)).body['instructions']).toEqual({ digest: DIGEST });
  });

  test('is worked in through its URL in both eras, and what that uses and touches is shown', async () => {
    const id = await created();
    expect(textOf(await modern(`/${id}`))).toBe('ok');
    expect(textOf(await legacy(`/${id}`))).toBe('ok');
    expect((await api(`/sessions/${id}`)).body).toMatchObject({
      state: 'running',
      labels: ['private'],
      used: { calls: 2 },
      left: { calls: 3 },
    });
    const { stdout } = await gateway.command('trace', id);
    expect(stdout.match(/ intent /g)).toHaveLength(2);
  });

  test('shows that a call waits for a person, which is asked once', async () => {
    const id = await created();
    const waiting = legacy(`/${id}`, 'rough__other');
    await until(async () => (await api(`/sessions/${id}`)).body['open_holds'] === 1);
    expect((await api(`/sessions/${id}`)).body).toMatchObject({ state: 'created' });
    expect(textOf(await legacy(`/${id}`))).toBe('ok');
    expect((await api('/sessions?state=awaiting_approval')).body['sessions']).toMatchObject([{ id, open_holds: 1 }]);
    expect((await api(`/sessions/${id}/complete`, { body: { why: 'enough' } })).status).toBe(200);
    expect(textOf(await waiting)).toMatch(/^STOPPED: this session is over/);
    expect((await api(`/sessions/${id}`)).body).toMatchObject({ state: 'completed', open_holds: 0, expires_at: null });
    expect((await gateway.command('trace', id)).stdout.match(/ refused .*reason=held/g)).toHaveLength(1);
  });

  test('is paused, resumed, completed and archived, each on record with who and why', async () => {
    const id = await created();
    const change = async (verb: string) => {
      const { status, body } = await api(`/sessions/${id}/${verb}`, { body: { why: `to ${verb} it` } });
      return [status, body['state'] ?? body['detail']];
    };
    expect(await change('pause')).toEqual([200, 'paused']);
    const before = server.calls().length;
    expect(textOf(await modern(`/${id}`))).toMatch(/^STOPPED: this session is paused/);
    expect(server.calls()).toHaveLength(before);
    expect(await change('pause')).toEqual([409, expect.stringMatching(/^The session is paused; only /)]);
    expect(await change('archive')).toEqual([409, expect.stringMatching(/^The session is paused; only /)]);
    expect(await change('resume')).toEqual([200, 'running']);
    expect(textOf(await modern(`/${id}`))).toBe('ok');
    expect(await change('complete')).toEqual([200, 'completed']);
    expect(textOf(await modern(`/${id}`))).toMatch(/^STOPPED: this session is over/);
    expect(await change('archive')).toEqual([200, 'archived']);
    const { stdout } = await gateway.command('trace', id);
    expect(stdout).toMatch(/state +why=to pause it by=local:(?!agent-of)\S+ verb=pause/);
  });
});

test('sessions are listed the newest first, by state and page by page', async () => {
  const ids = [await created(), await created(), await created()].toReversed();
  const page = async (query: string) => {
    const { body } = await api(`/sessions?${query}`);
    return [(body['sessions'] as readonly { readonly id: string }[]).map(({ id }) => id), body['next']];
  };
  expect(await page('limit=2')).toEqual([ids.slice(0, 2), ids[1]]);
  const [rest, next] = await page(`limit=1&after=${ids[1]}`);
  expect([rest, next]).toEqual([[ids[2]], ids[2]]);
  await api(`/sessions/${ids[2]}/pause`, { body: { why: 'x' } });
  expect(await page('state=paused')).toEqual([[ids[2]], null]);
});

test.skipIf(spawnSync('curl', ['--version']).error !== undefined)('docs/api.md opens one with curl', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8');
  const [command = ''] = /^\$ (curl .*)$/m.exec(page)?.slice(1) ?? [];
  const here = command
    .replace('127.0.0.1:7411', `127.0.0.1:${gateway.port}`)
    .replace('~/.tollgate', gateway.home.folder)
    .replace('"demo"', '"support"');
  const { stdout } = spawnSync('sh', ['-c', here], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toMatchObject({ state: 'created', task: 'Minutes' });
});

test('the token is a 0600 file of its own, and opens nothing at the tools', async () => {
  expect(statSync(gateway.home.apiToken).mode & 0o777).toBe(0o600);
  expect(token).not.toBe(gateway.token);
  const answer = await post({ url: gateway.url, token }, legacyCall('rough__rough', { do: 'echo' }));
  expect(answer.status).toBe(401);
});

describe('what is open to nobody:', () => {
  const raw = (path: string, asked: ApiAsked) => ask(gateway, `/api${path}`, asked);

  test.each(['/sessions', '/sessions/s_1', '/sessions/s_1/pause', '/nothing'])('%s without a token', async (path) => {
    const body = path.endsWith('pause') ? { why: 'x' } : undefined;
    for (const bearer of [undefined, gateway.token, 'A'.repeat(43), 'a.b.c', `${token}x`]) {
      const { status, body: problem, headers } = await raw(path, { token: bearer, ...(body && { body }) });
      expect([status, problem['reason']]).toEqual([401, 'unauthenticated']);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
    }
  });

  test('a token in the URL is none', async () => {
    expect((await raw(`/sessions?token=${token}&access_token=${token}`, {})).status).toBe(400);
  });

  test('a page of another site is turned away before any token counts', async () => {
    const foreign = await api('/sessions', { headers: { origin: 'https://evil.example' } });
    expect(foreign.status).toBe(403);
    const preflight = await api('/sessions', { method: 'OPTIONS', headers: { origin: 'http://localhost:1' } });
    expect(preflight.status).toBe(405);
    expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

test('every answer is kept by no cache, sets no cookie and says nothing of its library', async () => {
  const answers = [await api(''), await api('/openapi.json'), await api('/sessions'), await api('/nothing')];
  for (const { headers } of answers) {
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
    for (const name of ['set-cookie', 'x-powered-by', 'etag']) expect(headers.get(name)).toBeNull();
  }
});

describe('a request that is wrong is told how, in one sentence, and nothing is opened:', () => {
  const P = { profile: 'support' };
  const rows: readonly (readonly [string, string, ApiAsked, number, string | undefined, RegExp])[] = [
    ['no profile', '/sessions', { body: {} }, 400, 'profile', /^profile is missing$/],
    ['a profile of another kind', '/sessions', { body: { profile: 5 } }, 400, 'profile', /^profile: expected string/],
    ['an unknown profile', '/sessions', { body: { profile: 'none' } }, 400, 'profile', /^profile: none of this name/],
    ['an unknown member', '/sessions', { body: { ...P, sid: 'x' } }, 400, 'sid', /^There is no sid here$/],
    ['a long task', '/sessions', { body: { ...P, task: 'x'.repeat(4_001) } }, 400, 'task', /^task: expected string to/],
    [
      'no text',
      '/sessions',
      { body: { ...P, instructions: {} } },
      400,
      'instructions',
      /^instructions: expected \{"text"/,
    ],
    [
      'both a text and a digest',
      '/sessions',
      { body: { ...P, instructions: { text: 'a', digest: DIGEST } } },
      400,
      'instructions',
      /^instructions: expected \{"text"/,
    ],
    [
      'another principal on this machine',
      '/sessions',
      { body: { ...P, principal: { subject: 'eve', client: 'local' } } },
      400,
      'principal',
      /^principal: on this machine /,
    ],
    ['a list', '/sessions', { body: [] }, 400, undefined, /^The body must be one JSON object$/],
    ['no JSON', '/sessions', { body: '{' }, 400, undefined, /^The body is not JSON$/],
    ['a member twice', '/sessions', { body: '{"profile":"a","profile":"support"}' }, 400, undefined, /stands twice/],
    ['__proto__', '/sessions', { body: '{"profile":"support","__proto__":{}}' }, 400, undefined, /__proto__/],
    ['no body', '/sessions', { method: 'POST' }, 415, undefined, /^Send a JSON object/],
    ['a form', '/sessions', { body: 'a=b', headers: { 'content-type': 'text/plain' } }, 415, undefined, /^Send a JSON/],
    ['an encoding', '/sessions', { body: P, headers: { 'content-encoding': 'gzip' } }, 415, undefined, /^Send a JSON/],
    ['65 KiB', '/sessions', { body: { ...P, task: 'x'.repeat(65 * 1024) } }, 413, undefined, /larger than 64 KiB$/],
    ['no reason', '/sessions/s_none/pause', { body: {} }, 400, 'why', /^why is missing$/],
    ['a session of none', '/sessions/s_none', {}, 404, undefined, /^Session unknown$/],
    [
      'a verb on a session of none',
      '/sessions/s_none/pause',
      { body: { why: 'x' } },
      404,
      undefined,
      /^Session unknown$/,
    ],
    ['what no session is called', '/sessions/..%2f..', {}, 404, undefined, /^Session unknown$/],
    ['a broken path', '/sessions/%ff', {}, 400, undefined, /^The request is malformed$/],
    ['a limit of 0', '/sessions?limit=0', {}, 400, 'limit', /^limit: /],
    ['an unknown state', '/sessions?state=gone', {}, 400, 'state', /^state: /],
    ['two states', '/sessions?state=paused&state=created', {}, 400, 'state', /^state: /],
    ['an unknown parameter', '/sessions?tenant=x', {}, 400, 'tenant', /^There is no tenant here$/],
    ['a page after none', '/sessions?after=s_none', {}, 400, 'after', /^after: Session unknown$/],
    ['another path', '/nothing', {}, 404, undefined, /^There is nothing here/],
    ['a path that only begins so', '/sessions/', {}, 404, undefined, /^There is nothing here/],
    ['a method that is not there', '/sessions', { method: 'DELETE' }, 405, undefined, /use POST or GET$/],
    ['GET of a verb', '/sessions/s_1/pause', {}, 405, undefined, /use POST$/],
  ];
  test.each(rows)('%s', async (_, path, asked, status, field, detail) => {
    const count = async () => ((await api('/sessions?limit=200')).body['sessions'] as []).length;
    const before = path === '/sessions' ? await count() : 0;
    const answer = await api(path, asked);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.stringMatching(detail) });
    expect(answer.body['field']).toBe(field);
    if (path === '/sessions') expect(await count()).toBe(before);
  });

  test('more sessions than the policy lets one principal have', async () => {
    let last = await api('/sessions', { body: P });
    for (let more = 0; more < 30 && last.status === 201; more++) last = await api('/sessions', { body: P });
    expect([last.status, last.body]).toEqual([
      409,
      expect.objectContaining({ reason: 'over_budget', detail: expect.stringMatching(/has 30 of 30 live sessions/) }),
    ]);
  });
});
