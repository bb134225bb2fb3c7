/** Who is let in by what a token claims and by who acts, over a real gateway. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { type Claims, ISSUER, openIssuer, type TestIssuer } from '../support/issuer.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;
let issuer: TestIssuer;

const policyOf = (profile: string, who: string): string =>
  `version: 1\nprofile: ${profile}\nwho: [{ issuer: "${ISSUER}", ${who} }]\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: read } }\n`;

const CLAIMED = 'claims: { department: [sales, field] }, actors: none';
const ACTED = `actors: ["${ISSUER}:desk-agent"]`;

beforeAll(async () => {
  server = recordingServer(folder);
  issuer = await openIssuer(folder);
  writeFileSync(join(folder, 'gateway.yaml'), `version: 1\n${issuer.yaml()}`);
  writeFileSync(join(folder, 'acted.yaml'), policyOf('acted', ACTED));
  const words = ['--config', join(folder, 'gateway.yaml'), '--policy', join(folder, 'acted.yaml')];
  gateway = await startGateway(policyOf('claimed', CLAIMED), { folder, words });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

let marks = 0;

async function answer(profile: string, claims: Claims, token?: string): Promise<string | number> {
  const url = `${gateway.url}/p/${profile}`;
  const brought = token ?? (await issuer.token(claims));
  const answered = await post({ url, token: brought }, legacyCall('rough__rough', { do: 'echo', mark: ++marks }));
  return answered.status === 200 ? textOf(answered) : answered.status;
}

const BOT = { sub: 'desk-agent' };

test.each<[string, string, Claims, string | number]>([
  ['a claim that says one of the values', 'claimed', { department: 'field' }, 'ok'],
  ['a claim that lists one of them', 'claimed', { department: ['hq', 'sales'] }, 'ok'],
  ['a claim that says another', 'claimed', { department: 'hq' }, 404],
  ['no such claim', 'claimed', {}, 404],
  ['a claim that is no text', 'claimed', { department: { sales: true } }, 404],
  ['the claim, but somebody acts', 'claimed', { department: 'sales', act: BOT }, 404],
  ['the actor', 'acted', { act: BOT }, 'ok'],
  ['the actor, and others before', 'acted', { act: { ...BOT, act: { sub: 'eve' } } }, 'ok'],
  ['the actor, but not the nearest', 'acted', { act: { sub: 'eve', act: BOT } }, 404],
  ['the name of the actor at another issuer', 'acted', { act: { ...BOT, iss: 'https://evil.example.com' } }, 404],
  ['nobody who acts', 'acted', {}, 404],
])('by %s', async (_name, profile, claims, expected) => {
  const before = server.calls().length;
  expect(await answer(profile, { sub: `u${marks}`, ...claims })).toBe(expected);
  expect(server.calls()).toHaveLength(expected === 'ok' ? before + 1 : before);
});

test('the opening of a session names the client and the chain of actors, and each intent who acted', async () => {
  expect(await answer('acted', { sub: 'grace', act: { ...BOT, act: { sub: 'inner' } } })).toBe('ok');
  expect(await answer('acted', { sub: 'grace', act: BOT })).toBe('ok');
  const { stdout } = await gateway.command('sessions', '--json');
  const all = JSON.parse(stdout) as {
    readonly session: { readonly id: string; readonly principal: { subject: string } };
  }[];
  const id = all.find(({ session }) => session.principal.subject === 'grace')?.session.id ?? '';
  const trace = (await gateway.command('trace', id)).stdout;
  expect(trace).toContain(`client=desk actors=["${ISSUER}:desk-agent","${ISSUER}:inner"]`);
  expect(trace.match(/intent .*/g)).toEqual([
    expect.stringContaining(`actors=["${ISSUER}:desk-agent","${ISSUER}:inner"]`),
    expect.stringContaining(`actors=["${ISSUER}:desk-agent"]`),
  ]);
});

test('a token that is remembered is read again once a profile names another claim', async () => {
  const token = await issuer.token({ sub: 'lin', department: 'sales', region: 'eu' });
  expect(await answer('claimed', {}, token)).toBe('ok');
  const narrower = CLAIMED.replace(' }', ', region: [eu] }');
  writeFileSync(gateway.policy, policyOf('claimed', narrower));
  await until(() => gateway.reports.some((line) => line.includes('in force from the next call on')));
  expect(await answer('claimed', {}, token)).toBe('ok');
  expect(await answer('claimed', { sub: 'lin', department: 'sales', region: 'us' })).toBe(404);
});
