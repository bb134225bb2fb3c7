/**
 * Two hundred sessions of twenty principals in three tenants, all at once, each with a value of its own that goes through
 * files, results, cookies, progress, labels and holds. Whatever a session is answered holds no other's value.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Snapshot } from '../../src/domain/session.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { ISSUER, openIssuer, type TestIssuer } from '../support/issuer.ts';
import { modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { serveCookies } from './servers/cookies.ts';

const PRINCIPALS = 20;
const SESSIONS_EACH = 10;
const TENANTS = ['acme', 'globex', 'initech'];
const LONG = 300_000;

const ended = new AsyncDisposableStack();
let gateway: RunningGateway;
let issuer: TestIssuer;

const policyOf = (cookies: string): string => `version: 1
profile: canaries
who: [{ issuer: "${ISSUER}" }]
servers:
  room: { command: [node, "${join(import.meta.dirname, 'servers', 'room.ts')}", "\${session.dir}"] }
  site: { url: "${cookies}" }
tools:
  room.write: { effect: write, sends_to: none, labels: [private] }
  room.read: { effect: read, sends_to: none, labels: [private] }
  room.environment: { effect: read, sends_to: none, labels: [] }
  room.steps: { effect: read, sends_to: none, labels: [] }
  room.hold: { effect: write, sends_to: none, labels: [], approval: { reason: Look first. } }
  site.visit: { effect: read, sends_to: external, labels: [] }
flows:
  - { id: stays-here, when: { labels: [private], sends_to: external }, then: deny, reason: It touched what is private. }
`;

beforeAll(async () => {
  const folder = temporaryFolder();
  issuer = await openIssuer(folder);
  const cookies = await serveCookies();
  ended.defer(() => cookies.close());
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, `version: 1\n${issuer.yaml()}`);
  gateway = await startGateway(policyOf(cookies.url), { folder, words: ['--config', config] });
  ended.defer(() => gateway.stop());
}, LONG);
afterAll(() => ended.disposeAsync(), LONG);

/** A client of its own, with all that it was ever told. */
class Agent {
  readonly canary = `canary-${randomUUID()}`;
  readonly heard: string[] = [];
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async call(name: string, given: JsonObject = {}, signal?: AbortSignal): Promise<string> {
    // Every client says the same ids and the same progress token.
    const params = { name, arguments: given, _meta: { progressToken: 'the-same' } };
    const message = modernRequest('tools/call', params, 'the-same');
    const answered = await post({ url: gateway.url, token: this.#token }, message, modernHeaders(message), signal);
    this.heard.push(...answered.messages.map((one) => JSON.stringify(one)));
    return textOf(answered);
  }
}

interface Seen {
  readonly first: string;
  readonly files: string;
  readonly environment: string;
  readonly later: string;
}

/** What one session does; half of them touch what is private, and may not visit the site any more. */
async function live(agent: Agent, touches: boolean, patience: AbortSignal): Promise<Seen> {
  const mark = agent.canary;
  const first = await agent.call('site__visit', { mark });
  const files = touches ? await written(agent, mark) : '';
  const environment = await agent.call('room__environment', { mark });
  void agent.call('room__hold', { mark }, patience).catch(() => undefined); // it waits for a person, longer than the test
  await agent.call('room__steps', { mark });
  const later = await agent.call('site__visit', { mark: `${mark} again` });
  return { first, files, environment, later };
}

async function written(agent: Agent, mark: string): Promise<string> {
  await agent.call('room__write', { mark });
  return agent.call('room__read', {});
}

test('of two hundred sessions at once none hears, sees or holds what is another’s', { timeout: LONG }, async () => {
  const agents: Agent[] = [];
  for (let principal = 0; principal < PRINCIPALS; principal++) {
    for (let client = 0; client < SESSIONS_EACH; client++) {
      const claims = {
        sub: `person-${principal}`,
        client_id: `client-${client}`,
        org: TENANTS[principal % TENANTS.length],
      };
      agents.push(new Agent(await issuer.token(claims)));
    }
  }
  const patience = new AbortController();
  const seen = await Promise.all(agents.map((agent, index) => live(agent, index % 2 === 0, patience.signal)));

  const sessions = JSON.parse((await gateway.command('sessions', '--json')).stdout) as readonly Snapshot[];
  expect(sessions).toHaveLength(PRINCIPALS * SESSIONS_EACH);
  const rooms = sessions.map(({ session }) => session.id);
  for (const [index, { first, files, environment, later }] of seen.entries()) {
    const { canary } = agents[index] ?? { canary: '' };
    expect(JSON.parse(first)).not.toHaveProperty('sent.cookie');
    expect(rooms.filter((room) => environment.includes(room))).toHaveLength(1);
    expect(environment).not.toMatch(/canary-|eyJ|TOLLGATE_(?!GATEWAY\b)/); // no other's value, no token, nothing of the gateway's but whose process it is
    expect(files).toBe(index % 2 === 0 ? `note.txt: ${canary}` : '');
    if (index % 2 === 0) expect(later).toMatch(/^DENIED, NOT DONE: It touched what is private/);
    else expect(later).not.toContain('"cookie"');
  }
  // What a person is shown of a hold is of the session that it is in: one each.
  const listed = async () => JSON.parse((await gateway.command('holds', '--json')).stdout) as readonly Hold[];
  await expect.poll(async () => (await listed()).length, { timeout: 60_000 }).toBe(agents.length);
  const holds = await listed();
  expect(new Set(holds.map(({ session }) => session))).toEqual(new Set(rooms));
  expect(new Set(holds.map(({ effective }) => effective['mark']))).toEqual(new Set(agents.map(({ canary }) => canary)));
  patience.abort();

  const crossed = agents.flatMap(({ canary, heard }) => heard.filter((said) => hasOther(said, canary)));
  expect(crossed).toEqual([]);
  expect(agents.every(({ heard }) => heard.length > 4)).toBe(true);

  // A hold's name is worth nothing to another session, of the same person or of a stranger.
  const last = agents.at(-1);
  const others = holds.filter(({ effective }) => effective['mark'] !== last?.canary).slice(0, 40);
  for (const { id } of others) {
    expect(await last?.call('tollgate__continue', { hold: id })).not.toMatch(/HELD|canary/);
  }
});

const hasOther = (said: string, own: string): boolean =>
  [...said.matchAll(/canary-[\w-]{36}/g)].some(([found]) => found !== own);
