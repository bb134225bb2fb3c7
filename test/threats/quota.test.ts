/** Too much is kept: whoever fills the record is told so at every door, and nothing is dropped in silence. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiToken, ask } from '../support/api-posts.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;

beforeAll(async () => {
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, 'version: 1\nretention: { principal_quota: 1MB }\n');
  const server = recordingServer(folder);
  gateway = await startGateway(
    `version: 1
profile: quota
who: local
servers: { rough: ${server.yaml} }
tools: { rough.rough: { effect: read } }
`,
    { folder, words: ['--config', config] },
  );
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const call = async () => textOf(await post(gateway, legacyCall('rough__rough', { do: 'echo' })));

test('an agent that has filled its quota writes down nothing, makes no call, and gets no session of its own', async () => {
  expect(await call()).toBe('ok');
  const [session] = JSON.parse((await gateway.command('sessions', '--json')).stdout) as readonly {
    readonly session: { readonly id: string };
  }[];
  const memory = `/mcp/${session?.session.id}/events`;
  const event = { type: 'note', content: 'x'.repeat(60_000) };
  const written = async () => ask(gateway, memory, { token: gateway.token ?? '', body: event });
  let [kept, last] = [0, await written()];
  for (; last.status === 201 && kept < 40; kept++) last = await written();
  expect(last).toMatchObject({ status: 507, body: { reason: 'over_quota', title: 'Insufficient Storage' } });
  expect(kept).toBe(16);
  const { body } = await ask(gateway, `${memory}?after=0`, { token: gateway.token ?? '' });
  expect(body['events']).toHaveLength(kept);
  expect(await call()).toMatch(/^STOPPED: what may be kept of your calls is used up, .*an operator must make room\.$/);
  const made = await ask(gateway, '/api/sessions', { token: apiToken(gateway), body: { profile: 'quota' } });
  expect(made).toMatchObject({ status: 507, body: { reason: 'over_quota' } });
  expect(await gateway.command('audit', 'verify')).toMatchObject({ code: 0 });
});
