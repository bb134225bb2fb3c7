import { createECDH, randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { policyOf } from '../cli/place.ts';
import { held, KEY, placingOf, writeOf } from '../contract/ledger-bench.ts';
import { startGateway, temporaryFolder } from '../support/gateway.ts';
import { visit } from '../support/person.ts';
import { recordingServer } from '../support/recording-server.ts';
import { httpReceiver, WEBHOOK_SECRET } from './bench.ts';

test('a gateway that is killed while it tells goes on when it is started again, under the same id, with its own address', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const receiver = await httpReceiver();
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, `version: 1\nnotify: [{ webhook: "${receiver.url}/hook", secret: { secret: env://HOOK } }]\n`);
  const options = { folder, words: ['--config', config], environment: { HOOK: WEBHOOK_SECRET } };
  const policy = policyOf(recordingServer(folder).yaml);
  const first = await startGateway(policy, options);
  const ledger = await visit(first.home);
  const entered = await ledger.enter(KEY, Date.now());
  if (!entered.ok) throw new Error('no session');
  // It hears, and never answers.
  receiver.answers.push(() => undefined);
  const placed = await held(ledger, placingOf(writeOf(entered.value.session.id, { at: Date.now() })));
  await receiver.hears(1);
  await ledger.close();
  await first.kill();
  const second = await startGateway(policy, options);
  await receiver.hears(2);
  const again = await visit(second.home);
  await vi.waitFor(
    async () => expect(await again.telling.told()).toMatchObject([{ about: placed.id, state: 'told' }]),
    {
      timeout: 20_000,
    },
  );
  await again.close();
  await second.stop();
  const [lost, told] = receiver.heard.map(({ headers, body }) => ({
    id: headers['webhook-id'],
    link: (JSON.parse(body.toString()) as { data: { link: string } }).data.link,
  }));
  expect(told?.id).toBe(lost?.id);
  expect(lost?.link).toBe(`${new URL(first.url).origin}/holds/${placed.id}`);
  expect(told?.link).toBe(`${new URL(second.url).origin}/holds/${placed.id}`);
}, 90_000);

test('a gateway whose secret for a webhook cannot be read, or is none, does not start, and says where', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'gateway.yaml');
  const hook = (name: string) => `{ webhook: "https://hooks.example.com", secret: { secret: env://${name} } }`;
  writeFileSync(config, `version: 1\nnotify: [${hook('MISSING')}, ${hook('POOR')}]\n`);
  const started = startGateway(policyOf(recordingServer(folder).yaml), {
    ...{ folder, words: ['--config', config], environment: { POOR: 'canary' } },
  });
  await expect(started).rejects.toThrow(
    /exit code 78[\s\S]*notify\[0\]\.secret: the environment variable MISSING is not set[\s\S]*notify\[1\]\.secret: the secret is none of a webhook/,
  );
}, 60_000);

test('a browser that a person named over the API is told, and a program cannot name one', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const service = await httpReceiver();
  const config = join(folder, 'gateway.yaml');
  // What stands in the file may be reached on loopback: the second entry is there for that.
  const entries = `[{ web_push: { contact: "mailto:ops@example.com" } }, { webhook: "${service.url}/hook", secret: { secret: env://HOOK }, after: 1d }]`;
  writeFileSync(config, `version: 1\nnotify: ${entries}\n`);
  const gateway = await startGateway(policyOf(recordingServer(folder).yaml), {
    ...{ folder, words: ['--config', config], environment: { HOOK: WEBHOOK_SECRET } },
  });
  onTestFinished(() => gateway.stop());
  const token = readFileSync(gateway.home.apiToken, 'utf8');
  const ask = (path: string, body?: object, bearer = token) =>
    fetch(`${new URL(gateway.url).origin}${path}`, {
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
  const keys = createECDH('prime256v1');
  const address = {
    endpoint: `${service.url}/push`,
    keys: { p256dh: keys.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') },
  };
  expect((await ask('/api/push', address, gateway.token)).status).toBe(401);
  expect(await (await ask('/api/push')).json()).toEqual({ key: expect.stringMatching(/^[\w-]{87}$/) });
  expect((await ask('/api/push', { ...address, keys: { p256dh: 'AAAA', auth: 'AAAA' } })).status).toBe(400);
  const subscribed = await ask('/api/push', address);
  expect([subscribed.status, await subscribed.json()]).toEqual([200, { told: true }]);
  const ledger = await visit(gateway.home);
  onTestFinished(() => ledger.close());
  const entered = await ledger.enter(KEY, Date.now());
  if (!entered.ok) throw new Error('no session');
  const place = (digest: string) =>
    held(ledger, placingOf(writeOf(entered.value.session.id, { at: Date.now(), digest })));
  const placed = await place('sha256:1');
  await service.hears(1);
  expect(service.heard[0]).toMatchObject({ path: '/push', headers: { 'content-encoding': 'aes128gcm' } });
  await vi.waitFor(
    async () => expect(await ledger.telling.told()).toMatchObject([{ about: placed.id, state: 'told' }]),
    {
      timeout: 20_000,
    },
  );
  expect((await ask('/api/push/end', { endpoint: address.endpoint })).status).toBe(200);
  expect(await ledger.telling.subscriptions(Date.now())).toEqual([]);
}, 90_000);
