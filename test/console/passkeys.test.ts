/** Passkeys over the API of a real gateway: enrolled by a proof that was there, and good for one answer each. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { type ApiAnswered, apiToken, ask } from '../support/api-posts.ts';
import { SoftAuthenticator } from '../support/authenticator.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson } from '../support/person.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';
import { tampered } from '../support/tampering.ts';

const PASSPHRASE = 'correct horse';
const user = userInfo().username;
const folder = temporaryFolder();
let gateway: RunningGateway;
let origin: string;
let policy: string;

beforeAll(async () => {
  await enrolPerson(homeOf(environmentOf(folder)), user);
  policy = `version: 1
profile: p
who: local
servers: { rough: ${recordingServer(folder).yaml} }
tools: { rough.other: { effect: write, approval: { reason: Look. } } }
`;
  gateway = await startGateway(policy, { folder });
  origin = `http://localhost:${gateway.port}`;
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const send = (path: string, body: unknown): Promise<ApiAnswered> =>
  ask(gateway, `/api${path}`, { token: apiToken(gateway), body });
const get = (path: string): Promise<ApiAnswered> => ask(gateway, `/api${path}`, { token: apiToken(gateway) });

let calls = 0;

/** A call that waits. */
async function held(): Promise<{ readonly hold: string; readonly answer: Promise<string> }> {
  calls += 1;
  const mark = `call ${calls}`;
  const asked = post(
    { url: gateway.url, token: gateway.token ?? '' },
    legacyCall('rough__other', { do: 'echo', mark }),
  );
  const answer = asked.then(textOf);
  answer.catch(() => undefined);
  let hold = '';
  await until(async () => {
    const { holds } = (await get('/holds')).body as { holds: { id: string; arguments: { mark: string } }[] };
    hold = holds.find((one) => one.arguments.mark === mark)?.id ?? '';
    return hold !== '';
  });
  return { hold, answer };
}

/** Up to what its person has to prove. */
async function offered(key: SoftAuthenticator, label = 'a key'): Promise<ApiAnswered> {
  const { body } = await send('/passkeys/options', {});
  return send('/passkeys/offers', { challenge: body['challenge'], response: key.create(body['options']), label });
}

async function enrolled(key = new SoftAuthenticator(origin)): Promise<SoftAuthenticator> {
  const { body } = await offered(key);
  const added = await send('/passkeys', { offer: body['offer'], passphrase: PASSPHRASE });
  expect([added.status, added.body['reason']]).toEqual([201, undefined]);
  return key;
}

interface Challenge {
  readonly challenge: string;
  readonly options: JsonObject;
}

const challenged = async (hold: string, answer: object = { verdict: 'approve' }): Promise<Challenge> =>
  (await send(`/holds/${hold}/challenge`, answer)).body as unknown as Challenge;

const bringing = ({ challenge, options }: Challenge, key: SoftAuthenticator) => ({
  passkey: { challenge, response: key.get(options) },
});

describe('a passkey', () => {
  test('approves one hold, and the call runs', async () => {
    const key = await enrolled();
    const { hold, answer } = await held();
    const proof = bringing(await challenged(hold), key);
    const approved = await send(`/holds/${hold}/approve`, proof);
    expect([approved.status, approved.body['state']]).toEqual([200, 'approved']);
    expect(await answer).toBe('ok');
    const again = await send(`/holds/${hold}/approve`, proof);
    expect(again.status).toBe(409);
  });

  test('denies, and the agent is told why', async () => {
    const key = await enrolled();
    const { hold, answer } = await held();
    const proof = bringing(await challenged(hold, { verdict: 'deny', because: 'not today' }), key);
    expect((await send(`/holds/${hold}/deny`, { ...proof, because: 'never' })).body['reason']).toBe('wrong_passkey');
    const second = bringing(await challenged(hold, { verdict: 'deny', because: 'not today' }), key);
    expect((await send(`/holds/${hold}/deny`, { ...second, because: 'not today' })).status).toBe(200);
    expect(await answer).toContain('not today');
  });

  test('is kept beside its person’s key for this user alone, and stands after a restart', async () => {
    const key = await enrolled();
    const folderOf = gateway.home.approvers;
    const files = readdirSync(folderOf).filter((name) => name.endsWith('.passkey'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(statSync(join(folderOf, file)).mode & 0o777).toBe(0o600);
    const port = String(gateway.port);
    await gateway.stop();
    gateway = await startGateway(policy, { folder, words: ['--port', port] });
    const { hold } = await held();
    const done = await send(`/holds/${hold}/approve`, bringing(await challenged(hold), key));
    expect([done.status, done.body['reason']]).toEqual([200, undefined]);
  });

  test('is enrolled by another of the same person, and no longer once that one is removed', async () => {
    const [first, second, third] = [await enrolled(), new SoftAuthenticator(origin), new SoftAuthenticator(origin)];
    const offer = (await offered(second, 'second')).body as unknown as { offer: string; challenge: Challenge };
    const added = await send('/passkeys', { offer: offer.offer, ...bringing(offer.challenge, first) });
    expect([added.status, added.body['enrolled_by']]).toEqual([201, 'passkey']);
    const { passkeys } = (await get('/passkeys')).body as { passkeys: { id: string; label: string }[] };
    const id = passkeys.find(({ label }) => label === 'second')?.id ?? '';
    const { hold } = await held();
    const asked = await challenged(hold);
    expect((await send(`/passkeys/${id}/remove`, {})).body['reason']).toBe('proof_wanted');
    const removal = (await send(`/passkeys/${id}/challenge`, {})).body as unknown as Challenge;
    expect((await send(`/passkeys/${id}/remove`, bringing(removal, first))).status).toBe(200);
    expect((await send(`/holds/${hold}/approve`, bringing(asked, second))).body['reason']).toBe('wrong_passkey');
    const next = (await offered(third)).body as unknown as { offer: string; challenge: Challenge };
    const refused = await send('/passkeys', { offer: next.offer, ...bringing(next.challenge, second) });
    expect([refused.status, refused.body['reason']]).toEqual([403, 'wrong_passkey']);
  });
});

test('audit verify checks recorded answers once more, and names one that is not what was proven', async () => {
  const key = await enrolled();
  const { hold } = await held();
  expect((await send(`/holds/${hold}/approve`, bringing(await challenged(hold), key))).status).toBe(200);
  const whole = await gateway.command('audit', 'verify');
  expect([whole.code, whole.stdout]).toEqual([
    0,
    expect.stringMatching(/\d answers? (is|are) proven by who is enrolled/),
  ]);
  const undo = tampered(gateway.home.ledger, 'decided', `"hold":"${hold}"`, `"hold":"${hold.slice(0, -1)}"`);
  const { code, stderr } = await gateway.command('audit', 'verify');
  undo();
  expect([code, stderr]).toEqual([1, expect.stringContaining(`to ${hold.slice(0, -1)} is not what was proven`)]);
});
