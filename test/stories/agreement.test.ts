/** Two people must agree: over a real gateway, with people of an issuer who answer over the API, each with a key of its own. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approverKey } from '../../src/console/hold-shapes.ts';
import { type ApiAnswered, apiToken, ask } from '../support/api-posts.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { FIRST, openPeoplesGateway, type PeoplesGateway, signedInAs } from '../support/people.ts';

const folder = temporaryFolder();
const PASSPHRASE = 'a passphrase of its own';
let here: PeoplesGateway;

beforeAll(async () => {
  here = await openPeoplesGateway({
    folder,
    people: {
      bob: { org: 'acme', groups: ['leads'] },
      carol: { org: 'acme', groups: ['leads', 'staff'] },
      dan: { org: 'acme', groups: ['desk'] },
      erin: { org: 'acme', groups: ['desk'] },
    },
    identity: 'roles: { approver: [group:leads, group:desk] }',
    approval:
      '{ reason: Look twice., approvers: [group:leads, "user:erin@ISSUER"], quorum: 2, answer_within: 1h, use_within: 5m, allow_requester: true, uses: 2 }',
  });
  for (const name of ['bob', 'carol', 'dan', 'erin']) await keyFor(name);
});
afterAll(async () => {
  await here.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks for a key as this person, and has the person at the machine accept it. */
async function keyFor(login: string): Promise<void> {
  const asked = await (await signedInAs(here, login)).send('/api/approvers', { passphrase: PASSPHRASE });
  const { name, kid } = approverKey.parse(asked.body);
  const accepted = await ask(here.gateway, `/api/approvers/${name}/accept`, {
    token: apiToken(here.gateway),
    body: { kid, passphrase: FIRST.passphrase },
  });
  if (accepted.status !== 200) throw new Error(accepted.text);
}

const approve = async (login: string, hold: string): Promise<ApiAnswered> =>
  (await signedInAs(here, login)).send(`/api/holds/${hold}/approve`, { passphrase: PASSPHRASE });

test('a call runs when two of those it names have approved, and not before', async () => {
  const { hold, answer } = await here.held('ada');
  const first = await approve('bob', hold);
  expect(first.body).toMatchObject({
    state: 'open',
    terms: {
      approvers: [[`group:leads@${here.server.issuer}`, `user:erin@${here.server.issuer}`]],
      quorum: 2,
      ...{ answer_within_ms: 3_600_000, use_within_ms: 300_000, allow_requester: true, uses: 2 },
    },
    decisions: [{ verdict: 'approve', by: expect.stringMatching(/^bob-/) }],
  });
  // Not the same person twice, and nobody whom the rule does not name, whatever its role.
  expect((await approve('bob', hold)).body).toMatchObject({
    status: 409,
    detail: expect.stringMatching(/^bob-[0-9a-f]+ has approved the hold .* already: others must, too$/),
  });
  expect((await approve('dan', hold)).body).toMatchObject({
    status: 403,
    reason: 'approver',
    detail: `Only group:leads@${here.server.issuer} or user:erin@${here.server.issuer} may answer this call`,
  });
  const bob = await signedInAs(here, 'bob');
  expect((await bob.get(`/api/holds/${hold}`)).body).toMatchObject({ state: 'open', used_by: [] });
  const second = await approve('erin', hold);
  expect(second.body).toMatchObject({ state: 'approved' });
  expect(await answer).toBe('ok');
  // One of its two uses is left.
  expect((await bob.get(`/api/holds/${hold}`)).body).toMatchObject({
    state: 'approved',
    used_by: [expect.stringMatching(/^call_/)],
  });
});

test('one who denies ends it, whoever approved before, and the agent reads why', async () => {
  const { hold, answer } = await here.held('ada');
  expect((await approve('carol', hold)).body).toMatchObject({ state: 'open' });
  const bob = await signedInAs(here, 'bob');
  const denied = await bob.send(`/api/holds/${hold}/deny`, { passphrase: PASSPHRASE, because: 'Not to him.' });
  expect(denied.body).toMatchObject({ state: 'denied', decisions: [{ verdict: 'approve' }, { verdict: 'deny' }] });
  expect(await answer).toContain('Not to him.');
  expect((await approve('erin', hold)).body).toMatchObject({ status: 409 });
});

test('whoever asks may be one of the two where the rule lets it, but no agent that acts for somebody', async () => {
  const { hold, answer } = await here.held('carol');
  expect((await approve('carol', hold)).body).toMatchObject({ state: 'open' });
  expect((await approve('bob', hold)).body).toMatchObject({ state: 'approved' });
  expect(await answer).toBe('ok');
  const acted = await here.held('ada', { act: { sub: 'carol' } });
  expect((await approve('carol', acted.hold)).body).toMatchObject({ status: 403, reason: 'asker' });
});
