/** People answer holds over the API: who may, what proves it, and what proves nothing. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approverKey } from '../../src/console/hold-shapes.ts';
import { type ApiAnswered, apiToken, ask } from '../support/api-posts.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { API, type Browser, FIRST, openPeoplesGateway, type PeoplesGateway, signedInAs } from '../support/people.ts';

const folder = temporaryFolder();
let here: PeoplesGateway;
const PASSPHRASE = 'a passphrase of its own';

beforeAll(async () => {
  here = await openPeoplesGateway({
    folder,
    people: {
      bob: { org: 'acme', groups: ['leads'] },
      carol: { org: 'acme', groups: ['leads'] },
      dan: { org: 'acme', groups: ['leads'] },
      ada: { org: 'acme', groups: ['leads'] },
      vera: { org: 'acme', groups: ['staff'] },
      oscar: { org: 'acme', groups: ['platform'] },
      zoe: { org: 'zeta', groups: ['leads'] },
      audrey: { org: 'acme', groups: ['audit'] },
      alice: { org: 'acme' },
      amy: { org: 'acme' },
      yan: { org: 'zeta', groups: ['leads'] },
    },
    identity: `roles: { viewer: [group:staff], auditor: [group:audit], approver: [group:leads], operator: [group:platform], admin: ["user:alice@ISSUER", "user:amy@ISSUER"] }
  owners: { "robot@ISSUER": ["user:dan@ISSUER"] }`,
  });
  for (const name of ['bob', 'dan', 'ada', 'zoe', 'oscar', 'amy']) await keyFor(name);
});
afterAll(async () => {
  await here.stop();
  rmSync(folder, { recursive: true, force: true });
});

const root = async (path: string, body?: unknown): Promise<ApiAnswered> =>
  ask(here.gateway, path, { token: apiToken(here.gateway), body });

/** Asks for a key as this person, and has the person at the machine accept it. */
async function keyFor(login: string): Promise<void> {
  const asked = await (await signedInAs(here, login)).send('/api/approvers', { passphrase: PASSPHRASE });
  const { name, kid } = approverKey.parse(asked.body);
  const accepted = await root(`/api/approvers/${name}/accept`, { kid, passphrase: FIRST.passphrase });
  if (accepted.status !== 200) throw new Error(accepted.text);
  approverKey.parse(accepted.body);
}

const approve = (browser: Browser, hold: string, more: object = {}): Promise<ApiAnswered> =>
  browser.send(`/api/holds/${hold}/approve`, { passphrase: PASSPHRASE, ...more });

const stateOf = async (hold: string): Promise<unknown> =>
  (await (await signedInAs(here, 'audrey')).get(`/api/holds/${hold}`)).body['state'];

describe('an approver', () => {
  test('sees the exact call of the tenant, and lets it run once with a passphrase', async () => {
    const { hold, answer } = await here.held('ada-1');
    const bob = await signedInAs(here, 'bob');
    expect((await bob.get(`/api/holds/${hold}`)).body).toMatchObject({
      ...{
        id: hold,
        state: 'open',
        target: 'rough.other',
        effect: 'write',
        shown: null,
        agent_reason: null,
        decisions: [],
      },
      arguments: { do: 'echo' },
      needs: [{ kind: 'rule', rule: 'rough.other.approval', reason: 'Look.' }],
      principal: { subject: 'ada-1', tenant: 'acme', actors: [] },
    });
    const { body } = await bob.get('/api/holds');
    expect((body['holds'] as { id: string }[]).map(({ id }) => id)).toContain(hold);
    const approved = await approve(bob, hold, { because: 'Looks right.' });
    expect(approved.body).toMatchObject({
      state: 'approved',
      decisions: [{ verdict: 'approve', because: 'Looks right.' }],
    });
    expect(await answer).toBe('ok');
    expect((await bob.get(`/api/holds/${hold}`)).body['state']).toBe('used');
    expect((await approve(bob, hold)).body).toMatchObject({ status: 409, reason: 'not_now' });
  });

  test('denies, and the agent is told why', async () => {
    const { hold, answer } = await here.held('ada-2');
    const bob = await signedInAs(here, 'bob');
    const bare = await bob.send(`/api/holds/${hold}/deny`, { passphrase: PASSPHRASE });
    expect(bare.body).toMatchObject({ status: 400, field: 'because' });
    const denied = await bob.send(`/api/holds/${hold}/deny`, { passphrase: PASSPHRASE, because: 'Not today.' });
    expect(denied.body).toMatchObject({ state: 'denied' });
    expect(await answer).toContain('Not today.');
  });

  test('signs with a key of its own: the journal has the signature, and its name is one person’s', async () => {
    const { hold } = await here.held('ada-3');
    const approved = await approve(await signedInAs(here, 'bob'), hold);
    const [{ by } = { by: '' }] = approved.body['decisions'] as readonly { by: string }[];
    expect(by).toMatch(/^bob-[0-9a-f]{16}$/);
    const listed = (await root('/api/approvers')).body['approvers'] as Record<string, unknown>[];
    expect(listed.find(({ name }) => name === by)).toMatchObject({
      ...{ issuer: here.server.issuer, subject: 'bob', tenant: 'acme', state: 'enrolled' },
    });
    const session = String(approved.body['session']);
    const { body } = await (await signedInAs(here, 'audrey')).get(`/api/sessions/${session}/journal?limit=1000`);
    const decided = (body['entries'] as { kind: string; body: object }[]).find(({ kind }) => kind === 'decided');
    expect(decided?.body).toMatchObject({
      hold,
      by,
      verdict: 'approve',
      proofs: [{ kind: 'passphrase', kid: expect.any(String), signature: expect.stringMatching(/^[\w-]{86}$/) }],
    });
  });
});

describe('nobody approves', () => {
  test.each(['', 'wrong', `${PASSPHRASE} `])('with the passphrase "%s"', async (passphrase) => {
    const { hold } = await here.held(`wrong-${passphrase.length}`);
    const answer = await approve(await signedInAs(here, 'zoe'), hold, { passphrase });
    expect([400, 403, 404]).toContain(answer.status);
    const other = await approve(await signedInAs(here, 'ada'), hold, { passphrase });
    expect([other.status, await stateOf(hold)]).toEqual([passphrase === '' ? 400 : 403, 'open']);
  });

  test('by a login alone, with the passphrase of another, or without a key', async () => {
    const { hold } = await here.held('alone');
    const carol = await signedInAs(here, 'carol');
    expect((await carol.send(`/api/holds/${hold}/approve`, {})).body).toMatchObject({
      status: 403,
      reason: 'proof_wanted',
    });
    expect((await approve(carol, hold)).body).toMatchObject({ status: 403, reason: 'no_key' });
    const borrowed = await approve(await signedInAs(here, 'bob'), hold, { passphrase: FIRST.passphrase });
    expect([borrowed.body['reason'], await stateOf(hold)]).toEqual(['wrong_passphrase', 'open']);
  });

  test('with a key that nobody accepted', async () => {
    const { hold } = await here.held('unaccepted');
    const carol = await signedInAs(here, 'carol');
    expect((await carol.send('/api/approvers', { passphrase: PASSPHRASE })).body).toMatchObject({ state: 'asked' });
    expect((await approve(carol, hold)).body).toMatchObject({ reason: 'no_key' });
  });

  test('what it asked for itself: as the subject, an actor, the client, or its owner', async () => {
    const asked = [
      ['ada', await here.held('ada')],
      ['bob', await here.held('eve', { act: { sub: 'robot', act: { sub: 'bob' } } })],
      ['bob', await here.held('eve', { client_id: 'bob' })],
      ['dan', await here.held('eve', { client_id: 'robot' })],
    ] as const;
    for (const [login, { hold }] of asked) {
      const answer = await approve(await signedInAs(here, login), hold);
      expect([login, answer.body['reason'], await stateOf(hold)]).toEqual([login, 'asker', 'open']);
    }
    const [, , , [, { hold }]] = asked;
    expect((await approve(await signedInAs(here, 'bob'), hold)).status).toBe(200);
  });

  test('of another tenant, who learns of no hold', async () => {
    const { hold } = await here.held('tenants');
    const zoe = await signedInAs(here, 'zoe');
    const none = await approve(zoe, 'h_none');
    expect(none.body).toMatchObject({ status: 404, reason: 'hold_unknown' });
    expect((await approve(zoe, hold)).body).toEqual(none.body);
    expect((await zoe.get(`/api/holds/${hold}`)).body).toEqual(none.body);
    expect((await zoe.get('/api/holds?state=all')).body).toEqual({ holds: [] });
    expect((await root(`/api/holds/${hold}`)).body).toEqual(none.body);
  });

  test('without the role, a key or not', async () => {
    const { hold } = await here.held('roles');
    for (const login of ['vera', 'audrey', 'oscar']) {
      const answer = await approve(await signedInAs(here, login), hold);
      expect([login, answer.status, answer.body['reason']]).toEqual([login, 403, 'role']);
    }
    expect((await (await signedInAs(here, 'vera')).get(`/api/holds/${hold}`)).body).toMatchObject({ reason: 'role' });
    expect(await stateOf(hold)).toBe('open');
  });

  test('with a token of the issuer, whatever its scopes and its subject', async () => {
    const { hold } = await here.held('tokens');
    const scope = 'sessions:create sessions:read sessions:write';
    for (const claims of [{}, { act: { sub: 'robot' } }]) {
      const token = await here.server.token({ aud: API, sub: 'bob', org: 'acme', groups: ['leads'], scope, ...claims });
      const body = { passphrase: PASSPHRASE };
      const answer = await ask(here.gateway, `/api/holds/${hold}/approve`, { token, body });
      expect(answer.status).toBe(403);
      expect(['people_only', 'acted']).toContain(answer.body['reason']);
      for (const path of [`/api/holds/${hold}`, '/api/holds', '/api/approvers'])
        expect((await ask(here.gateway, path, { token })).status).toBe(403);
    }
    expect(await stateOf(hold)).toBe('open');
  });
});

describe('a key', () => {
  test('is accepted by an admin of the tenant who has one, by its very id, and by nobody else', async () => {
    const asked = await (await signedInAs(here, 'carol')).send('/api/approvers', { passphrase: PASSPHRASE });
    const { name, kid } = asked.body;
    const accept = (browser: Browser, more: object = {}) =>
      browser.send(`/api/approvers/${name}/accept`, { kid, passphrase: PASSPHRASE, ...more });
    const alice = await signedInAs(here, 'alice');
    expect((await accept(await signedInAs(here, 'bob'))).body).toMatchObject({ reason: 'role' });
    expect((await accept(alice)).body).toMatchObject({ reason: 'no_key' });
    await keyFor('alice');
    expect((await accept(alice, { passphrase: 'wrong' })).body).toMatchObject({ reason: 'wrong_passphrase' });
    expect((await accept(alice, { kid: 'sha256:0' })).body).toMatchObject({ reason: 'not_now' });
    expect((await accept(alice)).body).toMatchObject({ name, kid, state: 'enrolled' });
    const { hold, answer } = await here.held('carols');
    expect((await approve(await signedInAs(here, 'carol'), hold)).status).toBe(200);
    expect(await answer).toBe('ok');
    const journal = await here.gateway.command('trace', 'gateway', '--json');
    expect(journal.stdout).toContain(String(kid));
    expect((await here.gateway.command('audit', 'verify')).code).toBe(0);
  });

  test('is asked for once, and not where there is one', async () => {
    const bob = await signedInAs(here, 'bob');
    expect((await bob.send('/api/approvers', { passphrase: PASSPHRASE })).body).toMatchObject({ reason: 'not_now' });
    const short = await (await signedInAs(here, 'oscar')).send('/api/approvers', { passphrase: 'short' });
    expect(short.status).toBe(409);
    expect((await root('/api/approvers', { passphrase: PASSPHRASE })).body).toMatchObject({ reason: 'not_now' });
  });

  test('of another tenant is none that an admin sees or accepts', async () => {
    const asked = await (await signedInAs(here, 'yan')).send('/api/approvers', { passphrase: PASSPHRASE });
    const { name, kid } = asked.body;
    const amy = await signedInAs(here, 'amy');
    const accept = (given: unknown) =>
      amy.send(`/api/approvers/${name}/accept`, { kid: given, passphrase: PASSPHRASE });
    expect([(await accept(kid)).body, asked.status]).toEqual([(await accept('sha256:0')).body, 201]);
    const listed = (await (await signedInAs(here, 'alice')).get('/api/approvers')).body['approvers'] as {
      tenant: string;
    }[];
    expect(new Set(listed.map(({ tenant }) => tenant))).toEqual(new Set(['acme']));
  });
});

test('a passphrase is guessed five times a minute and no more, not even rightly, however many try at once', async () => {
  const { hold } = await here.held('guessed');
  const oscar = await signedInAs(here, 'ada');
  const csrf = await oscar.csrf();
  const guess = (passphrase: string) =>
    oscar.send(`/api/holds/${hold}/approve`, { passphrase }, { 'x-csrf-token': csrf });
  const answers = await Promise.all(Array.from({ length: 12 }, (_, at) => guess(`guess ${at}`)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 403).length).toBeLessThanOrEqual(5);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(7);
  const right = await guess(PASSPHRASE);
  expect([right.status, Number(right.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
  expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await approve(await signedInAs(here, 'bob'), hold)).status).toBe(200);
});

test('the person at this machine has all roles over its own agents, by token and passphrase', async () => {
  expect((await root('/api/holds')).body).toEqual({ holds: [] });
  expect((await root('/api/approvers')).status).toBe(200);
});

test('no passphrase is in anything that is printed or kept', async () => {
  const reports = here.gateway.reports.join('\n');
  expect(reports).toContain('a wrong passphrase came over the API for ');
  const journal = await here.gateway.command('trace', 'gateway', '--json');
  for (const secret of [PASSPHRASE, FIRST.passphrase, 'guess 1']) {
    expect(reports).not.toContain(secret);
    expect(journal.stdout).not.toContain(secret);
  }
});
