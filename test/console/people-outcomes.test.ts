/** Who may find out what became of a call, who may see policies, and what proves nothing. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approverKey } from '../../src/console/hold-shapes.ts';
import { unknownCallPage } from '../../src/console/outcome-shapes.ts';
import { apiToken, ask } from '../support/api-posts.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { API, FIRST, MCP, openPeoplesGateway, type PeoplesGateway, signedInAs } from '../support/people.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';

const folder = temporaryFolder();
const PASSPHRASE = 'a passphrase of its own';
let here: PeoplesGateway;
let mark = 0;

beforeAll(async () => {
  here = await openPeoplesGateway({
    folder,
    people: {
      oscar: { org: 'acme', groups: ['platform'] },
      otto: { org: 'acme', groups: ['platform'] },
      bob: { org: 'acme', groups: ['leads'] },
      zoe: { org: 'zeta', groups: ['platform'] },
      amy: { org: 'acme', groups: ['chiefs'] },
    },
    identity: 'roles: { approver: [group:leads], operator: [group:platform], admin: [group:chiefs] }',
    tools: 'tools: { rough.other: { effect: write } }',
  });
  for (const login of ['oscar', 'otto', 'zoe']) {
    const asked = await (await signedInAs(here, login)).send('/api/approvers', { passphrase: PASSPHRASE });
    const { name, kid } = approverKey.parse(asked.body);
    const body = { kid, passphrase: FIRST.passphrase };
    await ask(here.gateway, `/api/approvers/${name}/accept`, { token: apiToken(here.gateway), body });
  }
}, 120_000);
afterAll(async () => {
  await here.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The id of a call of an agent that works for `subject` and is never answered. */
async function lost(subject: string): Promise<string> {
  mark += 1;
  const token = await here.server.token({ aud: MCP, sub: subject, org: 'acme' });
  const said = textOf(await post({ url: here.gateway.url, token }, legacyCall('rough__other', { do: 'exit', mark })));
  const [, id = ''] = /\/outcomes\/(\w+)/.exec(said) ?? [];
  return id;
}

const settling = { outcome: 'not_executed', why: 'Looked.', passphrase: PASSPHRASE };

describe('an outcome', () => {
  test('is seen and settled by an operator of the tenant, with a passphrase', async () => {
    const call = await lost('ada');
    const oscar = await signedInAs(here, 'oscar');
    const listed = unknownCallPage.parse((await oscar.get('/api/outcomes')).body).outcomes;
    expect(listed).toMatchObject([{ call, target: 'rough.other', principal: { subject: 'ada', tenant: 'acme' } }]);
    const { passphrase: _, ...unproven } = settling;
    expect((await oscar.send(`/api/outcomes/${call}/settle`, unproven)).body).toMatchObject({ field: 'passphrase' });
    const settled = await oscar.send(`/api/outcomes/${call}/settle`, settling);
    expect(settled.body).toMatchObject({ found: { outcome: 'not_executed', why: 'Looked.' } });
  });

  test('is not settled by who asked for the call, nor by a role that may not', async () => {
    const call = await lost('otto');
    const refusals = await Promise.all(
      ['otto', 'bob'].map(async (who) => (await signedInAs(here, who)).send(`/api/outcomes/${call}/settle`, settling)),
    );
    expect(refusals.map(({ body }) => [body['status'], body['reason']])).toEqual([
      [403, 'asker'],
      [403, 'role'],
    ]);
    expect((await (await signedInAs(here, 'bob')).get('/api/outcomes')).status).toBe(403);
  });

  test('is not there for people of another tenant, and no program’s token opens it', async () => {
    const call = await lost('ada');
    const zoe = await signedInAs(here, 'zoe');
    expect((await zoe.get('/api/outcomes')).body).toEqual({ outcomes: [] });
    for (const answer of [
      await zoe.get(`/api/outcomes/${call}`),
      await zoe.send(`/api/outcomes/${call}/settle`, settling),
    ])
      expect(answer.body).toMatchObject({ status: 404, reason: 'call_unknown' });
    expect((await zoe.get(`/outcomes/${call}`)).status).toBe(404);
    const scope = 'sessions:read sessions:write';
    const token = await here.server.token({ aud: API, sub: 'robot', org: 'acme', scope });
    const answered = await ask(here.gateway, `/api/outcomes/${call}/settle`, { token, body: settling });
    expect(answered.body).toMatchObject({ status: 403, reason: 'people_only' });
    const mcp = await here.server.token({ aud: MCP, sub: 'oscar', org: 'acme' });
    expect((await ask(here.gateway, '/api/outcomes', { token: mcp })).status).toBe(401);
  });

  test('is not settled by a form from another page', async () => {
    const call = await lost('ada');
    const oscar = await signedInAs(here, 'oscar');
    const { origin } = here;
    const send = (csrf: string, from: string) =>
      oscar.get(`/outcomes/${call}`).then(() =>
        fetch(`${origin}/outcomes/${call}/settle`, {
          method: 'POST',
          redirect: 'manual',
          headers: {
            origin: from,
            cookie: [...oscar.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: new URLSearchParams({ csrf, ...settling }),
        }),
      );
    const csrf = await oscar.csrf();
    expect((await send('none', origin)).status).toBe(403);
    expect((await send(csrf, 'http://127.0.0.1:1')).status).toBe(403);
    expect((await oscar.get(`/api/outcomes/${call}`)).body).toMatchObject({ found: null });
    expect((await send(csrf, origin)).status).toBe(303);
    expect((await oscar.get(`/api/outcomes/${call}`)).body).toMatchObject({ found: { outcome: 'not_executed' } });
  });
});

test('policies are for whoever runs the gateway: an admin of one tenant of several sees none and accepts none', async () => {
  const amy = await signedInAs(here, 'amy');
  const tenant = { status: 403, reason: 'tenant' };
  expect((await amy.get('/api/policies')).body).toMatchObject(tenant);
  expect((await amy.get('/api/policies/desk')).body).toMatchObject(tenant);
  const body = { shown: 'sha256:x', passphrase: PASSPHRASE };
  expect((await amy.send('/api/policies/desk/accept', body)).body).toMatchObject(tenant);
  for (const path of ['/policies', '/policies/desk']) expect((await amy.get(path)).text).not.toContain('rough.other');
});
